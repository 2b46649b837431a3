// The package's front door for ES modules. The build puts sdk/load-module.mts in the place of sdk/load-module.ts.

export * from './index.js';
