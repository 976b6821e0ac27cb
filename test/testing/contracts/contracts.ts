import {
  clockContract,
  type ContractCase,
  deliveryStoreContract,
  eventStoreContract,
  jobStoreContract,
  registrationStoreContract,
  type StorageFixture,
  wakeUpContract,
  workerSessionContract,
} from '../../../lib/testing/index.js';

type Contract = (create: () => Promise<StorageFixture>) => readonly ContractCase[];

/** Every contract suite, by the name of what it is for. */
export const CONTRACTS: readonly (readonly [name: string, contract: Contract])[] = [
  ['clock', clockContract],
  ['delivery store', deliveryStoreContract],
  ['event store', eventStoreContract],
  ['job store', jobStoreContract],
  ['registration store', registrationStoreContract],
  ['wake-up', wakeUpContract],
  ['worker session', workerSessionContract],
];
