import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { ReceiverOverview } from '../../receivers/receiver-overview.js';
import type { ReceiverOverviewStore } from '../../receivers/receiver-overview.store.js';
import type { HealthCheck } from '../health-check.js';
import type { HealthFinding } from '../health-report.js';
import type { HealthThresholds } from '../health-thresholds.js';
import { spellDuration, spellList } from '../spell.js';

/** Receivers that are looked at. */
const RECEIVERS = 500;
/** Deliveries of each that are counted. */
const COUNTED = 1_000;

/** Whether deliveries wait that should not: too long, for nobody, or for an operator. */
export class BacklogCheck implements HealthCheck {
  readonly subject = 'what waits';

  constructor(private readonly overviews: ReceiverOverviewStore) {}

  async look(connection: EngineConnection, { waiting }: HealthThresholds): Promise<readonly HealthFinding[]> {
    const query = { limit: RECEIVERS, minutes: 1, counted: COUNTED };
    const behind = (await this.overviews.read(connection, query)).filter((receiver) => receiver.waiting.count > 0);
    const paused = behind.filter((receiver) => receiver.paused);
    const orphaned = behind.filter((receiver) => receiver.orphans !== null);
    const late = behind.filter(
      (receiver) => !receiver.paused && receiver.orphans === null && (receiver.oldestWaiting ?? 0) > waiting,
    );
    return [...latenessOf(late), ...orphansAmong(orphaned), ...pausesOf(paused)];
  }
}

function latenessOf(receivers: readonly ReceiverOverview[]): HealthFinding[] {
  if (receivers.length === 0) return [];
  return [
    {
      code: 'deliveries-waiting',
      severity: 'warning',
      message: `Deliveries have waited too long: ${spellList(receivers.map((receiver) => `${receiver.id} (${countOf(receiver)}, the first for ${spellDuration(receiver.oldestWaiting ?? 0)})`))}.`,
      remedy:
        'The receiver is slower than what comes, or hangs: look at its failure rate and duration in Receivers.find(id), raise its concurrency ' +
        'with Receivers.setConcurrency, start more processes, or give it a timeout.',
      details: { receivers: receivers.map(detailsOf) },
    },
  ];
}

function orphansAmong(receivers: readonly ReceiverOverview[]): HealthFinding[] {
  if (receivers.length === 0) return [];
  const described = receivers.map(
    (receiver) =>
      `${receiver.id} (${countOf(receiver)}: ${receiver.orphans?.reason === 'version' ? 'no live process understands their version' : 'no live process has it'})`,
  );
  return [
    {
      code: 'deliveries-orphaned',
      severity: 'warning',
      message: `Deliveries wait for receivers that nobody runs: ${spellList(described)}.`,
      remedy:
        'Start a process that contains the receiver, in a version that understands the event; when it was renamed, name its old id as an ' +
        'alias; when it is gone, Receivers.retire(id), and discard what is left.',
      details: {
        receivers: receivers.map((receiver) => ({ ...detailsOf(receiver), reason: receiver.orphans?.reason })),
      },
    },
  ];
}

function pausesOf(receivers: readonly ReceiverOverview[]): HealthFinding[] {
  if (receivers.length === 0) return [];
  const described = receivers.map(
    (receiver) =>
      `${receiver.id} (${countOf(receiver)}, since ${receiver.pausedAt?.toISOString() ?? ''} by ${receiver.pausedBy ?? ''})`,
  );
  return [
    {
      code: 'receivers-paused',
      severity: 'warning',
      message: `Deliveries wait for receivers that are paused: ${spellList(described)}.`,
      remedy: 'Resume them with Receivers.resume(id) when the reason is gone.',
      details: {
        receivers: receivers.map((receiver) => ({
          ...detailsOf(receiver),
          pausedAt: receiver.pausedAt,
          pausedBy: receiver.pausedBy,
        })),
      },
    },
  ];
}

function countOf({ waiting }: ReceiverOverview): string {
  return `${waiting.count}${waiting.capped ? ' or more' : ''}`;
}

function detailsOf({ id, waiting, oldestWaiting }: ReceiverOverview): Record<string, unknown> {
  return { id, waiting, oldestWaiting };
}
