import { runInThisContext } from 'node:vm';

/**
 * Says at the end of the process what was left running, and how to end it.
 *
 * @returns a function that withdraws it.
 */
export function warnOfForgotten(what: string): () => void {
  // Jest gives tests a copy of the process that hears nothing of its end.
  const actual = runInThisContext('process') as NodeJS.Process;
  const say = (): void => {
    actual.stderr.write(`nestjs-jobs: ${what}. Call \`await app.close()\` in afterAll.\n`);
  };
  actual.once('exit', say);
  return () => {
    actual.removeListener('exit', say);
  };
}
