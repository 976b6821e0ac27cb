import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { RegisteredReceiver } from '../../engine/receivers/registered-receiver.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { withTimes } from '../paging/item.js';
import type { CappedCount } from '../paging/page.js';
import type { ReceiverActivity, ReceiverOrphans, ReceiverOverview } from './receiver-overview.js';
import { type OverviewRow, overviewStatement } from './receiver-overview.statements.js';

/** Which receivers to look at. */
export interface OverviewQuery {
  /** Those behind this name. */
  readonly after?: string | undefined;
  /** This one alone. */
  readonly id?: string | undefined;
  readonly limit: number;
  readonly minutes: number;
  /** Deliveries of each that are counted; 10,000 unless given. */
  readonly counted?: number;
}

const COUNTED = 10_000;

interface FoundReceiver extends RegisteredReceiver {
  readonly processes: readonly string[];
  /** Highest event version that a live process understands; `null` when no live process has the receiver. */
  readonly understood: number | null;
  readonly waiting: number;
  /** Those among the waiting that no live process understands. */
  readonly beyond: number;
  readonly oldestWaiting: number | null;
  readonly counts: Readonly<Record<'succeeded' | 'failed' | 'dead' | 'interrupted' | 'milliseconds', number>>;
}

/** Reads how receivers are doing. */
export class ReceiverOverviewStore {
  private readonly text: string;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.text = overviewStatement(names);
  }

  /** Receivers in the order of their names. */
  async read(
    connection: EngineConnection,
    { after, id, limit, minutes, counted = COUNTED }: OverviewQuery,
  ): Promise<readonly ReceiverOverview[]> {
    const values = [after, id, limit, this.clock.offset, minutes, counted];
    const { rows } = await connection.runUnprepared<OverviewRow>(this.text, values);
    return rows.map(({ receiver }) => toOverview(JSON.parse(receiver) as FoundReceiver, minutes, counted));
  }
}

function toOverview(found: FoundReceiver, minutes: number, counted: number): ReceiverOverview {
  const { understood: _understood, beyond: _beyond, waiting, counts, oldestWaiting, ...receiver } = found;
  return {
    ...withTimes(receiver, ['registeredAt', 'retiredAt', 'pausedAt']),
    waiting: capped(waiting, counted),
    // A clock that is moved, or set right meanwhile, must not make it negative.
    oldestWaiting: oldestWaiting === null ? null : Math.max(0, oldestWaiting),
    activity: activityOf(counts, minutes),
    orphans: orphansOf(found, counted),
  };
}

function orphansOf({ understood, beyond, waiting }: FoundReceiver, counted: number): ReceiverOrphans | null {
  if (understood === null) return waiting === 0 ? null : { reason: 'process', waiting: capped(waiting, counted) };
  return beyond === 0
    ? null
    : { reason: 'version', waiting: { ...capped(beyond, counted), capped: waiting > counted } };
}

function activityOf({ milliseconds, ...counts }: FoundReceiver['counts'], minutes: number): ReceiverActivity {
  const ended = counts.succeeded + counts.failed;
  const all = ended + counts.interrupted;
  return {
    minutes,
    ...counts,
    perMinute: ended / minutes,
    failureRate: ended === 0 ? null : counts.failed / ended,
    averageDuration: all === 0 ? null : milliseconds / all,
  };
}

function capped(count: number, counted: number): CappedCount {
  return { count: Math.min(count, counted), capped: count > counted };
}
