import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { isInTransaction } from '../../engine/database/postgres-driver.js';
import { TransactionJoiner } from '../../engine/database/transaction-joiner.js';
import type { DeliveryContext, SendingMethod, TransactionalContext } from '../../engine/deliveries/delivery-context.js';
import type { ReceivedEvent } from '../../engine/deliveries/stored-event.js';
import { UnseenCommitError } from '../../errors/unseen-commit.error.js';
import type { EventDefinition } from '../definition/event-definition.js';
import type {
  DeclaredEventName,
  EventInstance,
  EventOutput,
  EventReference,
  ReliableEventPayloads,
} from '../definition/event-types.js';
import type { GroupCommit } from '../on-reliable-event-options.interface.js';
import { Emission, isReference } from '../emission.js';
import { AfterCommitRuns } from './after-commit-runs.js';
import { checkSendOptions } from './check-send-options.js';
import type { ConnectOptions } from './connect-options.interface.js';
import { InProcessEventFactory } from './in-process-event.factory.js';
import { InProcessReceivers } from './in-process-receivers.js';
import { type KnownEvent, KnownReceivers, type KnownReceiver } from './known-receivers.js';
import { ReceiverConnections } from './receiver-connections.js';
import type { ReceiverAnswer, SendOptions } from './send-options.interface.js';

/**
 * The receivers of this process: sends events to them without a delivery, connects functions, and says what there is.
 *
 * What is sent here reaches no other process and is not run again; `ReliableEvents.emit` is what survives a crash.
 *
 * @publicApi
 */
@Injectable()
export class InProcessEvents {
  constructor(
    private readonly factory: InProcessEventFactory,
    private readonly inProcess: InProcessReceivers,
    private readonly joiner: TransactionJoiner,
    private readonly runs: AfterCommitRuns,
    private readonly connections: ReceiverConnections,
    private readonly known: KnownReceivers,
  ) {}

  /**
   * Runs the receivers of an event now, one after the other, in the order they were registered in. What one of them throws is thrown here,
   * and those after it are not run.
   *
   * In a transaction they run within it: it stays open for as long as they take, and what they did outside of it stays when it rolls back.
   *
   * @param event instance of a class decorated with `@ReliableEvent`; or a name or definition, followed by its payload.
   * @throws PayloadError, EventSchemaError when the payload is refused; no receiver is run.
   */
  send<Name extends DeclaredEventName>(
    name: Name,
    payload: ReliableEventPayloads[Name],
    options?: SendOptions,
  ): Promise<void>;
  send<Input>(definition: EventDefinition<Input, unknown>, payload: Input, options?: SendOptions): Promise<void>;
  send(event: EventInstance, options?: SendOptions): Promise<void>;
  async send(first: unknown, second?: unknown, third?: SendOptions): Promise<void> {
    const { event, options } = await this.read('send', first, second, third);
    await this.inProcess.callUntilError('send', event, await this.transactionOf(options));
  }

  /**
   * Runs the receivers of an event now, one after the other, all of them. What they throw is logged, told to `onError` and returned.
   *
   * In a transaction they run within it: it stays open for as long as they take, and what they did outside of it stays when it rolls back.
   *
   * @param event instance of a class decorated with `@ReliableEvent`; or a name or definition, followed by its payload.
   * @returns an answer of each receiver, in the order they were run in.
   * @throws PayloadError, EventSchemaError when the payload is refused; no receiver is run.
   */
  sendRobust<Name extends DeclaredEventName>(
    name: Name,
    payload: ReliableEventPayloads[Name],
    options?: SendOptions,
  ): Promise<ReceiverAnswer[]>;
  sendRobust<Input>(
    definition: EventDefinition<Input, unknown>,
    payload: Input,
    options?: SendOptions,
  ): Promise<ReceiverAnswer[]>;
  sendRobust(event: EventInstance, options?: SendOptions): Promise<ReceiverAnswer[]>;
  async sendRobust(first: unknown, second?: unknown, third?: SendOptions): Promise<ReceiverAnswer[]> {
    const { event, options } = await this.read('sendRobust', first, second, third);
    return this.inProcess.callAll('sendRobust', event, await this.transactionOf(options));
  }

  /**
   * Runs the receivers of an event once the transaction has committed, and not at all when it, or the savepoint this is called in, rolls
   * back. They run beside the sender, all of them; what they throw is logged and told to `onError`. When the process ends between the
   * commit and the last of them, the event is lost.
   *
   * Outside a transaction they are run at once, and the promise resolves when they are done.
   *
   * @param event instance of a class decorated with `@ReliableEvent`; or a name or definition, followed by its payload.
   * @throws PayloadError, EventSchemaError when the payload is refused; no receiver will be run.
   * @throws UnseenCommitError in a transaction that was begun by hand.
   */
  sendAfterCommit<Name extends DeclaredEventName>(
    name: Name,
    payload: ReliableEventPayloads[Name],
    options?: SendOptions,
  ): Promise<void>;
  sendAfterCommit<Input>(
    definition: EventDefinition<Input, unknown>,
    payload: Input,
    options?: SendOptions,
  ): Promise<void>;
  sendAfterCommit(event: EventInstance, options?: SendOptions): Promise<void>;
  async sendAfterCommit(first: unknown, second?: unknown, third?: SendOptions): Promise<void> {
    const { event, options } = await this.read('sendAfterCommit', first, second, third);
    const run = (): Promise<unknown> => this.inProcess.callAll('sendAfterCommit', event, undefined);
    const manager = await this.transactionOf(options);
    if (manager === undefined) {
      await run();
      return;
    }
    if (manager.queryRunner?.isTransactionActive !== true) throw new UnseenCommitError();
    this.runs.after(manager, run);
  }

  /**
   * Makes a function a receiver of this process, as `@OnReliableEvent` does with a method. Connecting the same function under the same id
   * again changes nothing.
   *
   * With `reliable: true` it is registered in the database, so that deliveries are written for it from now on, by every process, until
   * `Receivers.retire(id)`; this process runs them until it is disconnected.
   *
   * @param event class, definition, name or pattern (`order.*`, `*`) of the events.
   * @throws DuplicateReceiverError when the id is that of another receiver.
   * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
   */
  connect<const Reference extends EventReference>(
    event: Reference,
    receiver: (event: EventOutput<Reference>, context: TransactionalContext) => unknown,
    options: ConnectOptions & { readonly transactional: true | GroupCommit },
  ): Promise<void>;
  connect<const Reference extends EventReference>(
    event: Reference,
    receiver: (event: EventOutput<Reference>, context: DeliveryContext) => unknown,
    options: ConnectOptions,
  ): Promise<void>;
  connect(
    event: EventReference,
    receiver: (event: never, context: TransactionalContext) => unknown,
    options: ConnectOptions,
  ): Promise<void> {
    return this.connections.connect(event, receiver, options);
  }

  /**
   * Takes back what `connect` did: the function is called no more, here. Deliveries of a reliable one go on being written, and wait for a
   * process that has it, until `Receivers.retire(id)`.
   *
   * @returns whether a function was connected under that id.
   * @throws InvalidReceiverError when the id is that of a decorated method.
   */
  disconnect(id: string): Promise<boolean> {
    return this.connections.disconnect(id);
  }

  /** The events this process knows by a class or definition, in the order of their names. */
  events(): readonly KnownEvent[] {
    return this.known.events();
  }

  /**
   * The receivers of this process, in the order they are run in.
   *
   * @param event leaves out those that do not hear of it.
   */
  receivers(event?: EventReference): readonly KnownReceiver[] {
    return this.known.receivers(event);
  }

  private async read(
    via: SendingMethod,
    first: unknown,
    second: unknown,
    third: SendOptions | undefined,
  ): Promise<{ event: ReceivedEvent; options: SendOptions }> {
    const options = (isReference(first) ? third : (second as SendOptions | undefined)) ?? {};
    checkSendOptions(via, options);
    const emission = isReference(first) ? new Emission(first, second, {}) : new Emission(undefined, first, {});
    return { event: await this.factory.create(emission, options), options };
  }

  /** The manager of the sender's transaction, if there is one. */
  private async transactionOf({ manager }: SendOptions): Promise<EntityManager | undefined> {
    const joined = await this.joiner.managerFor({ manager, requireTransaction: false });
    return (await isInTransaction(joined)) ? joined : undefined;
  }
}
