import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { EngineDatabase } from '../../engine/database/engine-database.js';
import type { TransactionalContext } from '../../engine/deliveries/delivery-context.js';
import type { Receiver } from '../../engine/receivers/receiver.js';
import { type ReceiverPlace, ReceiverRegistry } from '../../engine/receivers/receiver-registry.js';
import { Registration } from '../../engine/receivers/registration.js';
import { checkConcurrency } from '../../engine/worker/connection-budget.js';
import { WorkerHost } from '../../engine/worker/worker-host.js';
import { DuplicateReceiverError } from '../../errors/duplicate-receiver.error.js';
import { InvalidReceiverError } from '../../errors/invalid-receiver.error.js';
import { OptionChecks } from '../../options/option-checks.js';
import type { EventReference } from '../definition/event-types.js';
import { settled } from '../handlers/enhanced-run.js';
import { checkReceiverId, RECEIVER_OPTIONS, resolveReceiverOptions } from '../receiver-options.js';
import { ReceiverFactory } from '../receiver.factory.js';
import { ReliableEventsExplorer } from '../reliable-events.explorer.js';
import type { ConnectOptions } from './connect-options.interface.js';

const OPTIONS = [...RECEIVER_OPTIONS.filter((option) => option !== 'dataSource'), 'reliable'];

/** A function that is called with events. */
export type ConnectedFunction = (event: never, context: TransactionalContext) => unknown;

interface Connection {
  readonly event: EventReference;
  readonly call: ConnectedFunction;
  readonly options: ConnectOptions;
  readonly receiver: Receiver;
  /** Settled when it is registered. */
  registered: Promise<void>;
}

/** Makes functions receivers while the application runs, and takes that back. */
@Injectable()
export class ReceiverConnections {
  private readonly connections = new Map<string, Connection>();

  constructor(
    private readonly factory: ReceiverFactory,
    private readonly registry: ReceiverRegistry,
    private readonly registration: Registration,
    private readonly workerHost: WorkerHost,
    private readonly database: EngineDatabase,
    private readonly explorer: ReliableEventsExplorer,
  ) {}

  /** Connects a function; one that is connected already stays as it is. */
  async connect(event: EventReference, call: ConnectedFunction, options: ConnectOptions): Promise<void> {
    const checks = new OptionChecks('connect');
    checks.object('', options, OPTIONS);
    const id = checkReceiverId('id', options.id, checks);
    checks.callable('receiver', call, 'a function (event, context) => unknown');
    const connected = this.connections.get(id);
    if (connected !== undefined) {
      assertSame(connected, event, call, options);
      return connected.registered;
    }
    const receiver = this.create(event, call, options, new OptionChecks(`connect("${id}")`));
    // A failure leaves nothing connected, so that it can be tried again.
    this.registry.add(receiver, placeOf(call));
    const connection: Connection = { event, call, options, receiver, registered: Promise.resolve() };
    this.connections.set(id, connection);
    connection.registered = this.register(receiver);
    return connection.registered;
  }

  /** Disconnects what was connected under an id. */
  async disconnect(id: string): Promise<boolean> {
    const connection = this.connections.get(id);
    if (connection === undefined) {
      const place = this.registry.placeOf(id);
      if (place !== undefined) throw new InvalidReceiverError(`${place.className}.${place.methodName}`, declared(id));
      return false;
    }
    this.forget(connection.receiver);
    if (connection.receiver.reach === 'inProcess') return true;
    await connection.registered.catch(() => undefined);
    this.workerHost.follow(await this.registration.forget(connection.receiver));
    return true;
  }

  private create(
    event: EventReference,
    call: ConnectedFunction,
    options: ConnectOptions,
    checks: OptionChecks,
  ): Receiver {
    const { id, reliable = false, ...settings } = options;
    const reception = this.factory.receptionOf(id, [{ event, options: {} }], checks);
    // What it is called with is what its event was declared to carry.
    const method = call as (event: unknown, context: unknown) => unknown;
    return {
      id,
      subscriptions: reception.subscriptions,
      reach: checks.boolean('reliable', reliable) ? 'both' : 'inProcess',
      ...resolveReceiverOptions(settings, checks),
      invoke: async (received, context) => settled(method(await reception.decode(received, context), context)),
    };
  }

  private async register(receiver: Receiver): Promise<void> {
    if (receiver.reach === 'inProcess') return;
    try {
      checkConcurrency(receiver, this.database.poolSize);
      this.explorer.assertComplete();
      this.workerHost.follow(await this.registration.refresh());
    } catch (error) {
      this.forget(receiver);
      throw error;
    }
  }

  private forget(receiver: Receiver): void {
    // Another one may have been connected under the id meanwhile.
    if (this.connections.get(receiver.id)?.receiver === receiver) this.connections.delete(receiver.id);
    if (this.registry.byId(receiver.id) === receiver) this.registry.remove(receiver.id);
  }
}

function assertSame(
  connected: Connection,
  event: EventReference,
  call: ConnectedFunction,
  options: ConnectOptions,
): void {
  if (connected.call === call && connected.event === event && isDeepStrictEqual(connected.options, options)) return;
  throw new DuplicateReceiverError(
    options.id,
    `the function ${nameOf(connected.call)} that is connected`,
    connected.call === call ? 'itself for another event or with other options' : `the function ${nameOf(call)}`,
  );
}

function placeOf(call: ConnectedFunction): ReceiverPlace {
  return { declaredBy: call, className: 'connect()', methodName: nameOf(call), moduleName: 'at run time' };
}

function nameOf(call: ConnectedFunction): string {
  return call.name === '' ? 'without a name' : call.name;
}

function declared(id: string): string {
  return `receiver "${id}" is a decorated method, which cannot be disconnected. Take the decorator away, or connect a function instead.`;
}
