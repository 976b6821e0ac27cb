import { EngineDatabase } from '../../engine/database/engine-database.js';
import type { ClaimedDelivery } from '../../engine/deliveries/claimed-delivery.js';
import type { StoredEvent } from '../../engine/deliveries/stored-event.js';
import { ReceiverRegistry } from '../../engine/receivers/receiver-registry.js';
import type { Receiver } from '../../engine/receivers/receiver.js';
import { Registration } from '../../engine/receivers/registration.js';
import { Run } from '../../engine/worker/run.js';
import { TransactionSlots } from '../../engine/worker/transaction-slots.js';
import { EmitInputFactory } from '../../events/emit-input.factory.js';
import type { EventInstance } from '../../events/definition/event-types.js';
import { EventCatalogue } from '../../events/definition/event-catalogue.js';
import { Emission, emission } from '../../events/emission.js';
import { JobsError } from '../../errors/jobs.error.js';
import { closestName } from '../../options/closest-name.js';
import { OptionChecks } from '../../options/option-checks.js';
import { runParts } from '../driver/create-driver.js';
import type { DeliveredRun } from '../driver/delivered-run.js';
import { toDeliveredRun } from '../driver/to-delivered-run.js';
import type { EngineUnderTest } from '../engine-under-test.js';
import { readEvent } from '../matching/read-event.js';
import type { DeliverOptions } from './deliver-options.interface.js';

const checks = new OptionChecks('deliver');
const KNOWN = ['attempt', 'headers', 'correlationId', 'tenant', 'key', 'sender', 'signal', 'transaction'];

/** Runs one receiver with one event that was never written: everything about the run is as ever, but nothing is acknowledged. */
export class LoneDelivery {
  constructor(private readonly engine: EngineUnderTest) {}

  /** @throws JobsError when there is no receiver of that id; InvalidOptionError naming the option. */
  async run(receiverId: string, event: EventInstance | Emission, options: DeliverOptions): Promise<DeliveredRun> {
    checkDeliverOptions(options);
    await this.engine.get(Registration).ready();
    const receiver = this.receiver(receiverId);
    const stored = await this.stored(event, options);
    const delivery = claimed(stored, options.attempt ?? 1);
    const run = new Run(delivery, receiver, stored, {
      database: this.engine.get(EngineDatabase),
      store: { acknowledge: () => Promise.resolve(new Set([delivery])) },
      transactionSlots: new TransactionSlots(1),
    });
    const { executor, reporter } = runParts(this.engine);
    const end = follow(options.signal, (reason) => run.abort(reason));
    try {
      const executed = await executor.execute(run);
      reporter.finished(run, executed);
      return toDeliveredRun(run, executed, readEvent(this.engine.get(EventCatalogue), stored));
    } finally {
      end();
    }
  }

  private receiver(id: string): Receiver {
    const receivers = this.engine.get(ReceiverRegistry).reliable();
    const found = receivers.find((receiver) => receiver.id === id || receiver.aliases.includes(id));
    if (found !== undefined) return found;
    const ids = receivers.map((receiver) => receiver.id);
    const suggestion = closestName(id, ids);
    throw new JobsError(
      `There is no receiver "${id}"${suggestion === undefined ? '' : `; did you mean "${suggestion}"`}. ` +
        `Receivers are: ${ids.join(', ')}.`,
    );
  }

  private async stored(event: EventInstance | Emission, options: DeliverOptions): Promise<StoredEvent> {
    const one = event instanceof Emission ? event : emission(event);
    const { headers, correlationId, tenant, key, sender } = options;
    const given = { headers, correlationId, tenant, key, sender };
    const merged = {
      ...one.options,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    };
    const input = await this.engine.get(EmitInputFactory).create(new Emission(one.reference, one.payload, merged));
    const { options: row } = input;
    return {
      id: '0',
      name: input.name,
      version: input.version,
      payload: input.payload,
      headers: row.headers ?? {},
      correlationId: row.correlationId ?? null,
      tenant: row.tenant ?? null,
      key: row.key ?? null,
      createdAt: new Date((await this.engine.storedTime()) + this.engine.options.clock.offset),
      deliveries: 1,
    };
  }
}

function claimed({ id, version }: StoredEvent, attempt: number): ClaimedDelivery {
  return {
    eventId: id,
    receiver: 0,
    version,
    priority: 4,
    readyXid: '0',
    claims: 1,
    attempts: attempt - 1,
    interruptions: 0,
  };
}

function checkDeliverOptions(options: DeliverOptions): void {
  checks.object('', options, KNOWN);
  if (options.attempt !== undefined) checks.integer('attempt', options.attempt, { min: 1 });
  if (options.transaction !== undefined) checks.oneOf('transaction', options.transaction, ['commit', 'rollback']);
}

function follow(signal: AbortSignal | undefined, abort: (reason: Error) => void): () => void {
  if (signal === undefined) return () => undefined;
  const onAbort = (): void => {
    const reason: unknown = signal.reason;
    abort(reason instanceof Error ? reason : new Error(String(reason)));
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  return () => signal.removeEventListener('abort', onAbort);
}
