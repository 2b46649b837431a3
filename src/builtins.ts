// Node's own modules that few calls need, loaded where they are needed: an `import` of them takes longer than all the rest
// of loading this package, most of all in an ES module.

import * as nodeModule from 'node:module'; // webpack takes a call of a `createRequire` imported by name for its own

/** Works in both builds. Any absolute path would do, as none is looked at for a module of Node's own. */
export const requireBuiltin = nodeModule.createRequire(process.execPath);
