// Node's own modules that few calls need, loaded where they are needed: an `import` of them takes longer than all the rest
// of loading this package, most of all in an ES module.

import { createRequire } from 'node:module';

/** Works in both builds. Any absolute path would do, as none is looked at for a module of Node's own. */
export const requireBuiltin = createRequire(process.execPath);
