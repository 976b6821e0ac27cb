import type { ContextType, ExecutionContext, Type } from '@nestjs/common';
import type { DeliveryContext } from '../../engine/deliveries/delivery-context.js';
import { RELIABLE_EVENT_CONTEXT } from './reliable-event-context-type.js';

type HttpArguments = ReturnType<ExecutionContext['switchToHttp']>;
type RpcArguments = ReturnType<ExecutionContext['switchToRpc']>;
type WsArguments = ReturnType<ExecutionContext['switchToWs']>;

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- Nest's interface lets callers name the types they expect. */

/** What guards, interceptors and filters are given: the arguments are the event and its context, as `switchToRpc()` names them too. */
export class ReliableEventExecutionContext implements ExecutionContext {
  private readonly arguments: readonly [event: unknown, context: DeliveryContext];

  constructor(
    private readonly handlerClass: Type,
    private readonly handler: (...args: never[]) => unknown,
    event: unknown,
    context: DeliveryContext,
  ) {
    this.arguments = [event, context];
  }

  getClass<Class>(): Type<Class> {
    return this.handlerClass as Type<Class>;
  }

  getHandler(): ReturnType<ExecutionContext['getHandler']> {
    return this.handler;
  }

  getArgs<Arguments extends Array<unknown>>(): Arguments {
    return this.arguments as readonly unknown[] as Arguments;
  }

  getArgByIndex<Argument>(index: number): Argument {
    return this.arguments[index] as Argument;
  }

  getType<Kind extends string = ContextType>(): Kind {
    return RELIABLE_EVENT_CONTEXT as string as Kind;
  }

  switchToRpc(): RpcArguments {
    return { getData: () => this.getArgByIndex(0), getContext: () => this.getArgByIndex(1) };
  }

  switchToHttp(): HttpArguments {
    return {
      getRequest: () => this.getArgByIndex(0),
      getResponse: () => this.getArgByIndex(1),
      getNext: () => this.getArgByIndex(2),
    };
  }

  switchToWs(): WsArguments {
    return {
      getClient: () => this.getArgByIndex(1),
      getData: () => this.getArgByIndex(0),
      getPattern: () => this.arguments[1].eventName,
    };
  }
}
