import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./proxy.process.mjs', import.meta.url));

/** The same database, as far away as told: milliseconds each way. */
export async function atDistance(url, delay, use) {
  const { hostname, port } = new URL(url);
  const child = fork(main, [hostname, port, String(delay)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exit = once(child, 'exit');
  const [answer] = await once(child, 'message');
  const far = new URL(url);
  far.hostname = '127.0.0.1';
  far.port = answer.port;
  try {
    return await use(far.href);
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
}
