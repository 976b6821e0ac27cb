import type { EngineConnection } from '../../../../lib/engine/database/engine-connection.js';
import type { Job } from '../../../../lib/jobs/model/job.js';
import type { JobChange, JobRequestInput, RequestedRecord } from '../../../../lib/jobs/store/job-store.port.js';
import type { MemoryStorage } from '../../../../lib/testing/index.js';
import { MemoryJobStore } from '../../../../lib/testing/memory/jobs/memory-job-store.js';
import type { Plant } from './plant.js';

/** Requests a job however often it is asked for. */
class Doubling extends MemoryJobStore {
  override request(
    connection: EngineConnection,
    input: JobRequestInput,
    actor: string,
    note: string | null,
  ): Promise<RequestedRecord> {
    return super.request(connection, { ...input, uniqueness: 'none' }, actor, note);
  }
}

/** Changes jobs past the transaction it is given. */
class Committing extends MemoryJobStore {
  constructor(
    storage: MemoryStorage,
    private readonly other: EngineConnection,
  ) {
    super(storage.database);
  }

  override change(_: EngineConnection, change: JobChange): Promise<Job[]> {
    return super.change(this.other, change);
  }
}

/** Lets everybody have a turn at once. */
class Turnless extends MemoryJobStore {
  override async takeTurns(): Promise<void> {
    // Nobody waits.
  }
}

export const jobPlants: readonly Plant[] = [
  {
    contract: 'job store',
    what: 'requests what is open',
    plant: ({ database }) => ({ jobs: new Doubling(database) }),
    found: /once while it is open/,
  },
  {
    contract: 'job store',
    what: 'changes past the transaction',
    plant: (storage, { connection }) => ({ jobs: new Committing(storage, connection) }),
    found: /nothing of what was rolled back/,
  },
  {
    contract: 'job store',
    what: 'has nobody take turns',
    plant: ({ database }) => ({ jobs: new Turnless(database) }),
    found: /wait for each other/,
  },
];
