import type { EngineConnection } from '../../engine/database/engine-connection.js';
import { ReplayError } from '../../errors/replay.error.js';
import { matchesPattern } from '../../events/definition/event-name.js';
import type { KnownReceiversStore, NamedReceiver } from '../receivers/known-receivers.store.js';
import type { EventTargets } from './replay.store.js';

const RETIRED =
  'it is retired, so no process is expected to run it. Start a process that contains it, which registers it again.';

/** Decides to which receivers an event may be replayed, by the numbers their deliveries are stored under. */
export class ReplayTargets {
  constructor(private readonly receivers: KnownReceiversStore) {}

  /**
   * The receivers of one event: the one of a name, or all to which it went and that are in use, be it under another name.
   *
   * @throws ReceiverNotFoundError
   * @throws ReplayError
   */
  async ofEvent(
    connection: EngineConnection,
    event: EventTargets,
    name: string | undefined,
  ): Promise<{ readonly numbers: readonly number[]; readonly retired: readonly string[] }> {
    if (name !== undefined) {
      const known = await this.receivers.named(connection, name);
      const earlier = event.receivers.find((number) => known.some((receiver) => receiver.number === number));
      assertReplayable(name, known, earlier === undefined ? [event.name] : []);
      return { numbers: [earlier ?? known[0]?.number ?? 0], retired: [] };
    }
    const known = await this.receivers.numbered(connection, event.receivers);
    const went = known.filter(({ number }) => event.receivers.includes(number));
    const isInUse = (receiver: NamedReceiver): boolean =>
      !receiver.retired || known.some((other) => !other.retired && other.formerNames.includes(receiver.name));
    return {
      numbers: went.filter(isInUse).map(({ number }) => number),
      retired: went.filter((receiver) => !isInUse(receiver)).map((receiver) => receiver.name),
    };
  }

  /**
   * The numbers of the receiver of a name, the one in use first.
   *
   * @param events names of events that it has to listen to.
   */
  async named(connection: EngineConnection, name: string, events: readonly string[]): Promise<readonly number[]> {
    const known = await this.receivers.named(connection, name);
    assertReplayable(name, known, events);
    return known.map(({ number }) => number);
  }
}

/** What comes first is in use when any is. */
function assertReplayable(name: string, known: readonly NamedReceiver[], events: readonly string[]): void {
  if (known[0]?.retired !== false) throw new ReplayError(name, RETIRED);
  const patterns = known.flatMap((receiver) => receiver.patterns);
  const foreign = events.find((event) => !patterns.some((pattern) => matchesPattern(pattern, event)));
  if (foreign === undefined) return;
  const listens = patterns.length === 0 ? 'nothing' : patterns.join(', ');
  throw new ReplayError(
    name,
    `it does not listen to "${foreign}" and so would not understand it; it listens to ${listens}.`,
  );
}
