import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AppendedEvent,
  type EmitInput,
  type EngineConnection,
  EventStore,
  eventStoreContract,
  type EventStatus,
  memoryFixture,
  type StorageFixture,
} from '../../lib/testing/index.js';

// #region example
class MeteredEventStore extends EventStore {
  appended = 0;

  constructor(private readonly store: EventStore) {
    super();
  }

  learnReceivers(connection: EngineConnection): Promise<void> {
    return this.store.learnReceivers(connection);
  }

  async append(
    connection: EngineConnection,
    inputs: readonly EmitInput[],
    refuseUnrouted: boolean,
  ): Promise<AppendedEvent[]> {
    const written = await this.store.append(connection, inputs, refuseUnrouted);
    this.appended += written.length;
    return written;
  }

  status(connection: EngineConnection, id: string): Promise<EventStatus | null> {
    return this.store.status(connection, id);
  }
}

const metered = async (): Promise<StorageFixture> => {
  const fixture = memoryFixture();
  return { ...fixture, events: new MeteredEventStore(fixture.events) };
};

describe('MeteredEventStore', () => {
  for (const { name, run } of eventStoreContract(metered)) it(name, run);
});
// #endregion

it('is on the page to the letter', () => {
  const [, example = ''] = /#region example\n([\s\S]*?)\/\/ #endregion/.exec(readFileSync(__filename, 'utf8')) ?? [];
  expect(example).not.toBe('');
  expect(readFileSync(join(__dirname, '../../docs/testing-ports.md'), 'utf8')).toContain(example);
});
