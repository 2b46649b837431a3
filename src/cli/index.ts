#!/usr/bin/env node
// The command's first lines: lets Node keep what it compiles, so that the next start is quicker, and loads the rest.

import * as nodeModule from 'node:module';

// Node 22.1 and newer have it; the types are those of Node 20.
const { enableCompileCache }: { readonly enableCompileCache?: () => unknown } = Object(nodeModule);
enableCompileCache?.();

const { start }: typeof import('./main') = require('./main');
start();
