import type { EventReference } from '../../events/definition/event-types.js';
import { OptionChecks } from '../../options/option-checks.js';
import { factEventName, JOB_FACTS } from './job-fact.js';

const checks = new OptionChecks('JobsModule');

/**
 * Plain listeners do not hear what happens to jobs: it may be told by transactions that only the database sees.
 *
 * @throws InvalidOptionError
 */
export function refuseBridgedFacts(bridge: readonly EventReference[]): void {
  const facts: readonly EventReference[] = JOB_FACTS.map(factEventName);
  bridge.forEach((event, index) => {
    if (!facts.includes(event)) return;
    throw checks.invalid(
      `bridge[${index}]`,
      'no event of jobs, which are for receivers such as those of @OnJobCompleted',
      event,
    );
  });
}
