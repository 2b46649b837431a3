// Node's own modules that few calls need, loaded where they are needed: an `import` of them takes longer than all the rest
// of loading this package, most of all in an ES module.

import * as nodeModule from 'node:module'; // webpack takes a call of a `createRequire` imported by name for its own

/** Works in both builds. Node before 20.16 has no `getBuiltinModule`; there, any absolute path would do. */
export const requireBuiltin: typeof process.getBuiltinModule =
  process.getBuiltinModule ?? nodeModule.createRequire(process.execPath);
