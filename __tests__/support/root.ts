// The folder of the repository, so that a test need not count how deep it is itself.

import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');
