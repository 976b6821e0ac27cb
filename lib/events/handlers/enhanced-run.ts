import { AsyncResource } from 'node:async_hooks';
import {
  ForbiddenException,
  type ArgumentMetadata,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { defer, from, isObservable, lastValueFrom, mergeAll, type Observable } from 'rxjs';
import type { DeliveryContext } from '../../engine/deliveries/delivery-context.js';
import type { RedactText } from '../../engine/text/describe-error.js';
import { showToFilters } from './exception-filters.js';
import type { ReliableEventExecutionContext } from './reliable-event.execution-context.js';

/** The enhancers of a receiver, ready to be called. */
export interface Enhancers {
  readonly guards: readonly CanActivate[];
  readonly interceptors: readonly NestInterceptor[];
  readonly pipes: readonly PipeTransform[];
  readonly filters: readonly ExceptionFilter[];
}

/** Calls the method itself. */
export type CallMethod = (event: unknown, context: DeliveryContext) => unknown;

/** What a run needs beside its event and context. */
export interface RunSettings {
  /** What the pipes are told of the event's parameter. */
  readonly parameter: ArgumentMetadata;
  readonly redact: RedactText | undefined;
}

/** One run of a receiver through its guards, interceptors, pipes and filters. */
export class EnhancedRun {
  private readonly calls: Promise<unknown>[] = [];

  constructor(
    private readonly enhancers: Enhancers,
    private readonly callMethod: CallMethod,
    private readonly host: ReliableEventExecutionContext,
    private readonly settings: RunSettings,
  ) {}

  /** Resolves when guards, pipes, interceptors and the method succeeded, and rejects with what one of them threw otherwise. */
  async execute(): Promise<unknown> {
    try {
      await this.passGuards();
      return await this.intercept();
    } catch (error) {
      await showToFilters(this.enhancers.filters, error, this.host, this.settings.redact);
      throw error;
    }
  }

  private async passGuards(): Promise<void> {
    for (const guard of this.enhancers.guards) {
      if (!(await settled(guard.canActivate(this.host)))) throw new ForbiddenException('Forbidden resource');
    }
  }

  private async intercept(): Promise<unknown> {
    if (this.enhancers.interceptors.length === 0) return this.callHandler();
    const [chain] = await Promise.allSettled([settled(this.stream(0))]);
    // An interceptor may give up earlier, on a timeout say, or swallow what the handler threw. A delivery is not settled while its handler
    // runs, and its outcome is that of the handler: the last call of it, as an interceptor may have retried.
    await Promise.allSettled(this.calls);
    await this.calls.at(-1);
    if (chain.status === 'rejected') throw chain.reason;
    return chain.value;
  }

  private stream(position: number): Observable<unknown> {
    const interceptor = this.enhancers.interceptors[position];
    if (interceptor === undefined) return from(this.callHandler());
    const next: CallHandler = {
      // Bound where `handle` is called, so that AsyncLocalStorage contexts opened by an interceptor reach the handler.
      handle: () => {
        const scope = new AsyncResource('ReliableEventInterceptor');
        return defer(() => scope.runInAsyncScope(() => this.stream(position + 1)));
      },
    };
    return from((async () => interceptor.intercept(this.host, next))()).pipe(mergeAll());
  }

  private callHandler(): Promise<unknown> {
    const call = this.pipeAndCall();
    this.calls.push(call);
    return call;
  }

  private async pipeAndCall(): Promise<unknown> {
    let event = this.host.getArgByIndex<unknown>(0);
    for (const pipe of this.enhancers.pipes) event = await pipe.transform(event, this.settings.parameter);
    return settled(this.callMethod(event, this.host.getArgByIndex<DeliveryContext>(1)));
  }
}

/** The last value of what a Nest handler or enhancer may answer: a value, a promise, an observable or a promise of one. */
export async function settled(answer: unknown): Promise<unknown> {
  const value = await answer;
  return isObservable(value) ? lastValueFrom(value, { defaultValue: undefined }) : value;
}
