import {
  activityStoreContract,
  clockContract,
  type ContractCase,
  deliveryStoreContract,
  eventStoreContract,
  jobStoreContract,
  maintenanceStoreContract,
  pendingStoreContract,
  receiverControlStoreContract,
  registrationStoreContract,
  type StorageFixture,
  triggerStoreContract,
  wakeUpContract,
  workerDirectoryContract,
  workerLivenessContract,
  workerSessionContract,
} from '../../../lib/testing/index.js';

type Contract = (create: () => Promise<StorageFixture>) => readonly ContractCase[];

/** Every contract suite, by the name of what it is for. */
export const CONTRACTS: readonly (readonly [name: string, contract: Contract])[] = [
  ['activity store', activityStoreContract],
  ['clock', clockContract],
  ['delivery store', deliveryStoreContract],
  ['event store', eventStoreContract],
  ['job store', jobStoreContract],
  ['maintenance store', maintenanceStoreContract],
  ['pending store', pendingStoreContract],
  ['receiver control store', receiverControlStoreContract],
  ['registration store', registrationStoreContract],
  ['trigger store', triggerStoreContract],
  ['wake-up', wakeUpContract],
  ['worker directory', workerDirectoryContract],
  ["worker's liveness", workerLivenessContract],
  ['worker session', workerSessionContract],
];
