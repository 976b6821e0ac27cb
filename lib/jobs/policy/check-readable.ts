import { JobChecks } from '../verbs/job-checks.js';

/** Options are looked at before the policy is asked; what is unknown among them the verb itself refuses. */
export function checkReadable(verb: string, options: object): void {
  new JobChecks(verb).record('', options, 'an object of options');
}
