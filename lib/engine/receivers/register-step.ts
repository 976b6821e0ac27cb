import { AsyncLocalStorage } from 'node:async_hooks';

const step = new AsyncLocalStorage<true>();

/** Runs `work`; applications that start within it record their receivers and do nothing else. */
export function runRegisterStep<Result>(work: () => Promise<Result>): Promise<Result> {
  return step.run(true, work);
}

/** Whether the application that starts here is to record its receivers alone. */
export function isRegisterStep(): boolean {
  return step.getStore() === true;
}
