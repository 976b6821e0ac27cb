// The peers, and the Node they need, where they are not there yet. Without a network the comparison goes without them, and says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
// Written when an installation is complete.
if (!existsSync(`${here}node_modules/.package-lock.json`)) {
  // Nothing of them needs a script at installation.
  spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: here, stdio: 'inherit' });
}
