import { casesOf, type ContractCase } from './contract-case.js';
import { jobChangeCases } from './job-change-cases.js';
import { jobRequestCases } from './job-request-cases.js';
import { jobStateCases } from './job-state-cases.js';
import type { StorageFixture } from './storage-fixture.js';

/**
 * What a job store must do: request once, change what may be changed, by one of those who try at once, and keep the history of it.
 *
 * @param create makes a fixture for each case, with nothing in it.
 * @publicApi
 */
export function jobStoreContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, { ...jobRequestCases, ...jobStateCases, ...jobChangeCases });
}
