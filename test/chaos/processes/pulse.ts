import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Journal } from '../history/journal.js';
import { monotonic } from '../history/monotonic.js';

const EVERY = 100;
/** Less is what a busy machine does to everybody, and shorter than the grace time of whoever has to prove itself again. */
const NOTED_FROM = 800;

interface PulseData {
  readonly folder: string;
  readonly name: string;
}

/** Notes when the whole process stood still, in a thread of its own that nothing but that can keep from noticing. */
export function startPulse(folder: string, name: string): void {
  new Worker(__filename, { workerData: { folder, name } satisfies PulseData }).unref();
}

if (!isMainThread && isPulseData(workerData)) {
  const journal = new Journal(workerData.folder, workerData.name, 'pulse');
  let last = monotonic();
  setInterval(() => {
    const now = monotonic();
    if (now - last > NOTED_FROM) journal.write({ kind: 'silence', from: last });
    last = now;
  }, EVERY);
}

function isPulseData(data: unknown): data is PulseData {
  return typeof data === 'object' && data !== null && 'folder' in data && 'name' in data;
}
