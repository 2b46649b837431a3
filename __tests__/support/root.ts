// The folder of the repository, so that no test counts how deep it lies.

import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');
