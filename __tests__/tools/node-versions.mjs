// Other versions of Node to run with, kept in the folder for temporary files.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Node of this major version: the running one if it is of that version, else the one in npm's package `node`. */
export function nodeOf(major) {
  if (process.versions.node.split('.')[0] === String(major)) return process.execPath;
  const isWindows = process.platform === 'win32';
  const directory = join(tmpdir(), `qianfan-finetuning-node-${major}`);
  const node = join(directory, 'node_modules', 'node', 'bin', isWindows ? 'node.exe' : 'node');
  if (!existsSync(node)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{ "private": true }');
    const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--silent', `node@${major}`];
    spawnSync('npm', args, { cwd: directory, stdio: 'inherit', shell: isWindows });
  }
  if (!existsSync(node)) throw new Error(`npm could not install Node ${major} in ${directory}.`);
  return node;
}
