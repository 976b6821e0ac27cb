import type { Type } from '@nestjs/common';
import { isObservable } from 'rxjs';
import type { DataSourceScope } from '../data-sources/data-source-scope.js';
import type { DeliveryContext, TransactionalContext } from '../engine/deliveries/delivery-context.js';
import type { ReceivedEvent } from '../engine/deliveries/stored-event.js';
import type { Receiver, ReceiverReach, Subscription } from '../engine/receivers/receiver.js';
import { OptionChecks } from '../options/option-checks.js';
import type { DiscoveredMethod } from './discovered-methods.js';
import { settled } from './handlers/enhanced-run.js';
import type { HandlerFactory } from './handlers/handler.factory.js';
import type { OnReliableEventOptions } from './on-reliable-event-options.interface.js';
import {
  checkReceiverId,
  checkReceiverOptions,
  mergeReceiverOptions,
  resolveReceiverOptions,
} from './receiver-options.js';

/** A decorated method as it was discovered. */
export type DeclaredMethod = Pick<DiscoveredMethod, 'wrapper' | 'handlerClass' | 'methodName' | 'method'>;

/** What any decorator of receivers says beside what is received. */
export interface DeclaredReceiver {
  readonly options: OnReliableEventOptions;
}

/** What one receiver hears, and what its method is given of it. */
export interface Reception {
  readonly subscriptions: readonly Subscription[];
  readonly reach: ReceiverReach;
  /** What the method gets as its first argument. */
  decode(stored: ReceivedEvent, context: DeliveryContext | TransactionalContext): unknown;
  /** Told to pipes when the method's own parameter type was not emitted. */
  readonly received: Type | undefined;
}

/** Of what is declared on a method, that which belongs to the engine of a scope; its options are checked. */
export function declarationsIn<Declaration extends DeclaredReceiver>(
  scope: DataSourceScope,
  method: DeclaredMethod,
  declarations: readonly Declaration[],
  dataSourceOf = ({ options }: Declaration, _checks: OptionChecks): string | undefined => options.dataSource,
): readonly Declaration[] {
  const checks = checksOf(method);
  return declarations.filter((declaration) => {
    checkReceiverOptions(declaration.options, checks);
    return scope.includes(dataSourceOf(declaration, checks), checks);
  });
}

/** Says what the receiver of an id hears, of all that was declared under it. */
export type ReadReception<Declaration> = (
  id: string,
  declarations: readonly Declaration[],
  checks: OptionChecks,
) => Reception;

/**
 * Makes the receivers of a decorated method: one for each id its decorators name.
 *
 * @throws JobsError naming class, method and option when an option cannot be used.
 */
export async function assembleReceivers<Declaration extends DeclaredReceiver>(
  handlers: HandlerFactory,
  method: DeclaredMethod,
  declarations: readonly Declaration[],
  read: ReadReception<Declaration>,
): Promise<readonly Receiver[]> {
  const checks = checksOf(method);
  const byId = new Map<string, Declaration[]>();
  for (const declaration of declarations) {
    const id = receiverIdOf(declaration, method);
    byId.set(id, [...(byId.get(id) ?? []), declaration]);
  }
  return Promise.all(
    [...byId].map(async ([id, ofId]) => {
      const stacked = ofId.map(({ options }) => options);
      const settings = resolveReceiverOptions(mergeReceiverOptions(id, stacked, checks.place), checks);
      const reception = read(id, ofId, checks);
      const { wrapper, handlerClass, methodName } = method;
      const handle = await handlers.create({
        wrapper,
        handlerClass,
        methodName,
        method: method.method,
        eventClass: reception.received,
      });
      return {
        id,
        subscriptions: reception.subscriptions,
        reach: reception.reach,
        ...settings,
        invoke: async (stored, context) => {
          const answer = await handle(await reception.decode(stored, context), context);
          return isObservable(answer) ? settled(answer) : answer;
        },
      };
    }),
  );
}

/** The id a declaration names, or else the one that follows from its method. */
export function receiverIdOf({ options }: DeclaredReceiver, method: DeclaredMethod): string {
  const checks = checksOf(method);
  const { id } = options;
  if (id === undefined && method.handlerClass.name === '') {
    throw checks.invalid('id', 'given when the class has no name', id);
  }
  return checkReceiverId('id', id ?? checks.place, checks);
}

function checksOf({ handlerClass, methodName }: DeclaredMethod): OptionChecks {
  return new OptionChecks(`${handlerClass.name}.${methodName}`);
}
