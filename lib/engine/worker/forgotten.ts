import { runInThisContext } from 'node:vm';
import type { PostgresPool } from '../database/postgres-driver.js';

/** Where Jest and Vitest keep their matchers. Their environment variables tell nothing: processes that a test starts inherit them. */
const MATCHERS = Symbol.for('$$jest-matchers-object');

/** Whether this runs within a test, whose process must not be kept from ending by what it forgot. */
export function isTestProcess(): boolean {
  return MATCHERS in globalThis;
}

/** Lets a test process end by itself although something was not closed, and says what that was. */
export class Forgotten {
  private static readonly known = new Set<Forgotten>();
  private static say: (() => void) | undefined;

  /** @param what was not closed, and that it was not. */
  constructor(private readonly what: string) {}

  /** From here on connections that nobody uses keep nothing alive. */
  watch(pool: PostgresPool): void {
    Object.assign(pool.options, { allowExitOnIdle: true });
    Forgotten.known.add(this);
    if (Forgotten.say !== undefined) return;
    Forgotten.say = sayAtTheEnd(() => new Set([...Forgotten.known].map(({ what }) => what)));
  }

  closed(): void {
    Forgotten.known.delete(this);
    if (Forgotten.known.size > 0) return;
    Forgotten.say?.();
    Forgotten.say = undefined;
  }
}

/** @returns a function that withdraws it. */
function sayAtTheEnd(forgotten: () => ReadonlySet<string>): () => void {
  // Jest gives tests a copy of the process that hears nothing of its end.
  const actual = runInThisContext('process') as NodeJS.Process;
  const say = (): void => {
    for (const what of forgotten()) {
      actual.stderr.write(`nestjs-jobs: ${what}. Call \`await app.close()\` in afterAll.\n`);
    }
  };
  actual.once('exit', say);
  return () => {
    actual.removeListener('exit', say);
  };
}
