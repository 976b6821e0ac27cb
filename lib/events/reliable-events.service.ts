import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EngineDatabase } from '../engine/database/engine-database.js';
import { TransactionJoiner } from '../engine/database/transaction-joiner.js';
import type { EventStatus } from '../engine/deliveries/event-status.js';
import type { EmitInput } from '../engine/deliveries/emit-input.js';
import { type AppendedEvent, EventStore } from '../engine/deliveries/event-store.port.js';
import { EmissionAnnouncer } from '../engine/lifecycle/emission-announcer.js';
import { Registration } from '../engine/receivers/registration.js';
import { AfterCommitSubscriber } from '../engine/wake-up/after-commit.subscriber.js';
import { WakeUp } from '../engine/wake-up/wake-up.port.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import { isInstance } from '../options/readable.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { PlainListenersBridge } from './bridge/plain-listeners.bridge.js';
import type { EventDefinition } from './definition/event-definition.js';
import type { DeclaredEventName, EventInstance, ReliableEventPayloads } from './definition/event-types.js';
import { Emission, emission, isReference } from './emission.js';
import { checkEmitOptions, checkEventOptions, emitChecks } from './check-emit-options.js';
import { EmitInputFactory } from './emit-input.factory.js';
import type { EmitOptions, EmittedEvent } from './emit-options.interface.js';
import { ReliableEventsExplorer } from './reliable-events.explorer.js';

/** A positive bigint, as far as its length tells. */
const EVENT_ID = /^\d{1,18}$/;

/**
 * Emits reliable events: in the caller's transaction, with one delivery for each registered receiver.
 *
 * @publicApi
 */
@Injectable()
export class ReliableEvents {
  private readonly logger = new Logger('ReliableEvents');
  private readonly unrouted = new Map<string, number>();
  private prepared = false;
  private readonly wake = (): void => this.wakeUp.wake();

  constructor(
    private readonly inputs: EmitInputFactory,
    private readonly store: EventStore,
    private readonly database: EngineDatabase,
    private readonly joiner: TransactionJoiner,
    private readonly afterCommit: AfterCommitSubscriber,
    private readonly wakeUp: WakeUp,
    private readonly registration: Registration,
    private readonly explorer: ReliableEventsExplorer,
    private readonly announcer: EmissionAnnouncer,
    private readonly bridge: PlainListenersBridge,
    @Inject(JOBS_OPTIONS) private readonly options: ResolvedJobsOptions,
  ) {}

  /** How many events were emitted by this process that no receiver was registered for, by name. */
  get unroutedEvents(): ReadonlyMap<string, number> {
    return this.unrouted;
  }

  /**
   * Emits one event. With a manager, it is visible to receivers when that transaction commits, and never was when it rolls back; when
   * the write fails, so does the caller.
   *
   * @param event instance of a class decorated with `@ReliableEvent`; or a name or definition, followed by its payload.
   * @throws PayloadError, EventSchemaError when the payload is refused; nothing is written.
   * @throws TransactionRequiredError, ForeignManagerError, UnroutedEventError
   */
  emit<Name extends DeclaredEventName>(
    name: Name,
    payload: ReliableEventPayloads[Name],
    options?: EmitOptions,
  ): Promise<EmittedEvent>;
  emit<Input>(
    definition: EventDefinition<Input, unknown>,
    payload: Input,
    options?: EmitOptions,
  ): Promise<EmittedEvent>;
  emit(event: EventInstance, options?: EmitOptions): Promise<EmittedEvent>;
  async emit(first: unknown, second?: unknown, third?: EmitOptions): Promise<EmittedEvent> {
    const options = (isReference(first) ? third : (second as EmitOptions | undefined)) ?? {};
    checkEmitOptions(options);
    const one = isReference(first) ? new Emission(first, second, options) : new Emission(undefined, first, options);
    const [emitted] = await this.append([one], options);
    if (emitted === undefined) throw new Error('The emit statement answered without a row.');
    return emitted;
  }

  /**
   * Emits several events in one statement.
   *
   * @param events instances of event classes, or what {@link emission} makes of events with options of their own.
   * @param options apply to all; those of an event win over them.
   * @throws the same as {@link emit}; when one event is refused, none is written.
   */
  async emitMany(events: readonly (EventInstance | Emission)[], options: EmitOptions = {}): Promise<EmittedEvent[]> {
    checkEmitOptions(options);
    return this.append(
      emitChecks.items('events', events, Infinity, 'a list of events').map((event) => {
        const one = isInstance(Emission, event) ? event : emission(event as EventInstance);
        checkEventOptions(one.options);
        return new Emission(one.reference, one.payload, { ...options, ...one.options });
      }),
      options,
    );
  }

  /**
   * What became of an event at each of its receivers; `null` when there is none of that id, or none any more.
   *
   * @param id as `emit` answered it.
   */
  async status(id: string): Promise<EventStatus | null> {
    if (!EVENT_ID.test(emitChecks.text('id', id, 'the id of an event as text'))) return null;
    await this.registration.ready();
    return this.store.status(this.database.connection, id);
  }

  private async append(emissions: readonly Emission[], options: EmitOptions): Promise<EmittedEvent[]> {
    if (emissions.length === 0) return [];
    const manager = await this.joiner.managerFor(options);
    const inputs = await Promise.all(emissions.map((one) => this.inputs.create(one)));
    await this.prepare();
    const written = await this.write(manager, inputs);
    this.afterCommit.after(manager, this.wake);
    const announce = this.announcer.afterCommit(inputs, written);
    if (announce !== undefined) this.afterCommit.after(manager, announce);
    if (this.bridge.isOpen)
      await this.bridge.carry(
        manager,
        inputs.filter((_, index) => written[index]?.created === true),
      );
    return written.map(({ id, created }) => ({ id, created }));
  }

  /** The first event waits until the receivers are registered; from then on there is nothing to wait for. */
  private async prepare(): Promise<void> {
    if (this.prepared) return;
    this.explorer.assertComplete();
    await this.registration.ready();
    this.prepared = true;
  }

  private async write(manager: EntityManager, inputs: readonly EmitInput[]): Promise<AppendedEvent[]> {
    const connection = await this.database.connectionOf(manager);
    const written = await this.store.append(connection, inputs, this.options.unroutedEvents === 'refuse');
    written.forEach((event, index) => {
      if (event.created && event.receivers === 0) this.noteUnrouted(inputs[index]?.name ?? '');
    });
    return written;
  }

  private noteUnrouted(name: string): void {
    const count = (this.unrouted.get(name) ?? 0) + 1;
    this.unrouted.set(name, count);
    if (count > 1) return;
    this.logger.warn(
      `"${name}" was emitted, but no receiver is registered for it; nobody will hear of it. ` +
        'This is said once for each name; unroutedEvents counts them.',
    );
  }
}
