/** Starts tasks in their order, no more than `limit` of them running at once. */
export function startAtMost<Result>(limit: number, tasks: readonly (() => Promise<Result>)[]): Promise<Result>[] {
  const started: Promise<Result>[] = [];
  for (const [index, task] of tasks.entries()) {
    const before = started[index - limit];
    started.push(before === undefined ? task() : before.then(task));
  }
  return started;
}
