// The local console's front door for ES modules.

export * from './index.js';
