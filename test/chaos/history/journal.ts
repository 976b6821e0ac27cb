import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryBody } from './entry.js';
import { monotonic } from './monotonic.js';

/** Ending of the files that make up a history. */
export const JOURNAL_FILE = '.jsonl';

/**
 * The history as one process writes it: a line is handed to the operating system before the next step is taken, so it survives the
 * process being killed right after.
 */
export class Journal {
  private readonly file: number;

  /**
   * @param folder where the files of a history lie.
   * @param process boot of a process, such as `worker-1.3`.
   * @param part tells several files of one process apart.
   */
  constructor(
    folder: string,
    readonly process: string,
    part = 'main',
  ) {
    this.file = openSync(join(folder, `${process}.${part}${JOURNAL_FILE}`), 'a');
  }

  write(body: EntryBody): void {
    this.writeOf(this.process, body);
  }

  /** Writes about another process than the one that writes. */
  writeOf(process: string, body: EntryBody): void {
    this.append(monotonic(), process, body);
  }

  /** Writes what began at an earlier moment. */
  writeAt(at: number, body: EntryBody): void {
    this.append(at, this.process, body);
  }

  private append(at: number, process: string, body: EntryBody): void {
    writeSync(this.file, `${JSON.stringify({ at, process, ...body })}\n`);
  }
}
