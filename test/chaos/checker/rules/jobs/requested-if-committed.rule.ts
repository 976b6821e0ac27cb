import { groupBy } from '../../../history/history.js';
import type { Rule } from '../../rule.js';
import { jobsOf } from './job-records.js';

export const requestedIfCommitted: Rule = {
  name: 'jobs are requested with their transaction',
  promise: 'A job is there, once, with its event, exactly if the transaction that requested it committed.',
  check(history) {
    const jobs = groupBy(jobsOf(history), ({ target }) => target);
    const committed = history.emissions.filter(({ workload }) => workload === 'visits');
    const ids = new Set(committed.map(({ id }) => id));
    const wrong = committed
      .filter(({ id }) => jobs.get(id)?.length !== 1)
      .map(({ id }) => `${id} was committed with ${jobs.get(id)?.length ?? 0} jobs`);
    const foreign = [...jobs.keys()]
      .filter((id) => !ids.has(id))
      .map((id) => `a job of ${id} is there, which was never committed`);
    const untold = jobsOf(history)
      .filter(({ facts }) => facts.filter((fact) => fact === 'requested').length !== 1)
      .map(({ id }) => `job ${id} was not told of exactly once when it was requested`);
    return [...wrong, ...foreign, ...untold];
  },
};
