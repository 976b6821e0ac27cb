/** Whether this process runs tests. */
export function isTestProcess(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment['JEST_WORKER_ID'] !== undefined || environment['VITEST'] !== undefined;
}

/**
 * Says at the end of the process what was left running, and how to end it.
 *
 * @returns a function that withdraws it.
 */
export function warnOfForgotten(what: string): () => void {
  const say = (): void => {
    process.stderr.write(`nestjs-jobs: ${what}. Call \`await app.close()\` in afterAll.\n`);
  };
  process.once('exit', say);
  return () => {
    process.removeListener('exit', say);
  };
}
