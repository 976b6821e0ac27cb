import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import { type DeliveryKey, deliveryId } from '../../engine/deliveries/claimed-delivery.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { withTimes } from '../paging/item.js';
import type { DeliveryDetails } from './delivery.js';
import type { DeliveryChanges } from './delivery-changes.js';
import {
  type ActionRow,
  discardStatement,
  findDeliveryStatement,
  rescheduleStatement,
  retryStatement,
} from './open-delivery.statements.js';

/** Reads and changes deliveries that no worker has. */
export class OpenDeliveriesStore {
  private readonly findText: Statement;
  private readonly retryText: Statement;
  private readonly rescheduleText: Statement;
  private readonly discardText: Statement;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.findText = findDeliveryStatement(names);
    this.retryText = retryStatement(names);
    this.rescheduleText = rescheduleStatement(names);
    this.discardText = discardStatement(names);
  }

  /** A delivery with everything that is known of it; `undefined` when it is not open. */
  async find(connection: EngineConnection, key: DeliveryKey): Promise<DeliveryDetails | undefined> {
    const { rows } = await connection.run<{ item: string }>(this.findText, [key.eventId, key.receiver]);
    if (rows[0] === undefined) return undefined;
    const details = withTimes(JSON.parse(rows[0].item) as DeliveryDetails, ['dueAt', 'claimedAt', 'emittedAt']);
    return { ...details, recordedEvent: withTimes(details.recordedEvent, ['emittedAt', 'retainUntil']) };
  }

  retry(connection: EngineConnection, keys: readonly DeliveryKey[]): Promise<DeliveryChanges> {
    return this.change(connection, this.retryText, keys, this.clock.offset);
  }

  /** @param at ISO text. */
  reschedule(connection: EngineConnection, keys: readonly DeliveryKey[], at: string): Promise<DeliveryChanges> {
    return this.change(connection, this.rescheduleText, keys, at, this.clock.offset);
  }

  discard(connection: EngineConnection, keys: readonly DeliveryKey[], reason: string): Promise<DeliveryChanges> {
    return this.change(connection, this.discardText, keys, reason, this.clock.offset);
  }

  private async change(
    connection: EngineConnection,
    action: Statement,
    keys: readonly DeliveryKey[],
    ...values: readonly unknown[]
  ): Promise<DeliveryChanges> {
    const { rows } = await connection.run<ActionRow>(action, [
      keys.map(({ eventId }) => eventId),
      keys.map(({ receiver }) => receiver),
      ...values,
    ]);
    const withResult = (result: ActionRow['result']): string[] =>
      rows
        .filter((row) => row.result === result)
        .map((row) => deliveryId({ eventId: row.event_id, receiver: row.receiver }));
    return {
      changed: withResult('changed'),
      unchanged: withResult('unchanged'),
      busy: withResult('busy'),
      missing: withResult('missing'),
    };
  }
}
