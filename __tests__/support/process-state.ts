// What all code of a process shares: a test may change it.

import { afterEach } from '@jest/globals';

/** Puts the environment and the working directory back after each test, and removes a global `window`. */
export function restoreProcessAfterEach(): void {
  const environment = { ...process.env };
  const directory = process.cwd();
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    process.chdir(directory);
    Reflect.deleteProperty(globalThis, 'window');
  });
}
