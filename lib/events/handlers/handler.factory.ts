import {
  Inject,
  Injectable,
  type ArgumentMetadata,
  type CanActivate,
  type ExceptionFilter,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { ApplicationConfig, ContextIdFactory, type ContextId } from '@nestjs/core';
import type { DeliveryContext } from '../../engine/deliveries/delivery-context.js';
import { JobsError } from '../../errors/jobs.error.js';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';
import { boundEnhancers, type Binding } from './bound-enhancers.js';
import { EnhancedRun, type CallMethod, type Enhancers, type RunSettings } from './enhanced-run.js';
import {
  isShared,
  moduleRefOf,
  provisionOf,
  provisionOfEnhancer,
  provisionOfHost,
  take,
  type Provision,
  type ProviderWrapper,
} from './provision.js';
import { ReliableEventExecutionContext } from './reliable-event.execution-context.js';

/** A method that receives events, and where it belongs. */
export interface HandlerMethod {
  readonly wrapper: ProviderWrapper;
  readonly handlerClass: Type;
  readonly methodName: string;
  readonly method: (...args: never[]) => unknown;
  /** Told to pipes when the method's own parameter type was not emitted. */
  readonly eventClass: Type | undefined;
}

/** Runs a decoded event, and answers as a handler of Nest may. What it throws, or its answer fails with, decides the outcome of the delivery. */
export type Handler = (event: unknown, context: DeliveryContext) => unknown;

interface Provisions {
  readonly guards: readonly Provision<CanActivate>[];
  readonly interceptors: readonly Provision<NestInterceptor>[];
  readonly pipes: readonly Provision<PipeTransform>[];
  readonly filters: readonly Provision<ExceptionFilter>[];
}

/**
 * Makes a method callable with the guards, interceptors, pipes and filters bound to it or its class.
 *
 * Nest's `ExternalContextCreator` is not used: it always adds the global ones (an ordinary `APP_GUARD` would reject every delivery), and
 * lets a filter turn a failure into success.
 */
@Injectable()
export class HandlerFactory {
  constructor(
    private readonly application: ApplicationConfig,
    @Inject(JOBS_OPTIONS) private readonly options: ResolvedJobsOptions,
  ) {}

  async create(target: HandlerMethod): Promise<Handler> {
    const host = provisionOfHost(target.wrapper);
    const provisions = await this.provisionsOf(target);
    const isEnhanced = Object.values(provisions).some((provided: readonly unknown[]) => provided.length > 0);
    const run = isEnhanced ? this.enhanced(target) : direct;
    if (
      isShared(host) &&
      Object.values(provisions).every((list: readonly Provision<unknown>[]) => list.every(isShared))
    ) {
      return run(methodOf(host.shared, target.methodName), await takeAll(provisions));
    }
    return this.perDelivery(target, host, provisions, run);
  }

  private perDelivery(
    target: HandlerMethod,
    host: Provision<object>,
    provisions: Provisions,
    run: MakeHandler,
  ): Handler {
    const moduleRef = moduleRefOf(target.wrapper);
    const isDurable = target.wrapper.isDependencyTreeDurable();
    return async (event, context) => {
      const contextId = ContextIdFactory.getByRequest(context);
      moduleRef.registerRequestByContextId(isDurable ? (contextId.payload ?? context) : context, contextId);
      const [instance, enhancers] = await Promise.all([take(host, contextId), takeAll(provisions, contextId)]);
      return run(methodOf(instance, target.methodName), enhancers)(event, context);
    };
  }

  private enhanced(target: HandlerMethod): MakeHandler {
    const settings: RunSettings = { parameter: eventParameter(target), redact: this.options.redact };
    return (callMethod, enhancers) => (event, context) => {
      const host = new ReliableEventExecutionContext(target.handlerClass, target.method, event, context);
      return new EnhancedRun(enhancers, callMethod, host, settings).execute();
    };
  }

  private async provisionsOf(target: HandlerMethod): Promise<Provisions> {
    const bound = boundEnhancers(target.handlerClass, target.method);
    const place = `${target.handlerClass.name}.${target.methodName}`;
    const own = <Enhancer extends object>(bindings: readonly Binding<Enhancer>[]): Promise<Provision<Enhancer>[]> =>
      Promise.all(bindings.map((binding) => provisionOfEnhancer(binding, target.wrapper, place)));
    const globals = await this.globalProvisions();
    return {
      guards: [...globals.guards, ...(await own(bound.guards))],
      interceptors: [...globals.interceptors, ...(await own(bound.interceptors))],
      pipes: [...globals.pipes, ...(await own(bound.pipes))],
      filters: [...globals.filters, ...(await own(bound.filters))],
    };
  }

  private async globalProvisions(): Promise<Provisions> {
    if (!this.options.enhancers.global) return { guards: [], interceptors: [], pipes: [], filters: [] };
    const { application } = this;
    return {
      guards: await globals<CanActivate>(application.getGlobalGuards(), application.getGlobalRequestGuards()),
      interceptors: await globals<NestInterceptor>(
        application.getGlobalInterceptors(),
        application.getGlobalRequestInterceptors(),
      ),
      pipes: await globals<PipeTransform>(application.getGlobalPipes(), application.getGlobalRequestPipes()),
      filters: await globals<ExceptionFilter>(application.getGlobalFilters(), application.getGlobalRequestFilters()),
    };
  }
}

type MakeHandler = (callMethod: CallMethod, enhancers: Enhancers) => Handler;

const direct: MakeHandler = (callMethod) => callMethod;

/** Looked up at each call, so that a method replaced on its instance (a spy, an instrumentation) is the one that runs. */
function methodOf(instance: object, methodName: string): CallMethod {
  const holder = instance as Readonly<Record<string, CallMethod | undefined>>;
  return (event, context) => {
    const method = holder[methodName];
    if (typeof method !== 'function')
      throw new JobsError(`${methodName} is no longer a method of ${instance.constructor.name}.`);
    return method.call(instance, event, context);
  };
}

async function takeAll(provisions: Provisions, contextId?: ContextId): Promise<Enhancers> {
  const all = <Enhancer>(list: readonly Provision<Enhancer>[]): Promise<Enhancer[]> =>
    Promise.all(list.map((provision) => take(provision, contextId)));
  const [guards, interceptors, pipes, filters] = await Promise.all([
    all(provisions.guards),
    all(provisions.interceptors),
    all(provisions.pipes),
    all(provisions.filters),
  ]);
  return { guards, interceptors, pipes, filters };
}

async function globals<Enhancer extends object>(
  instances: readonly Enhancer[],
  requestScoped: readonly ProviderWrapper[],
): Promise<Provision<Enhancer>[]> {
  const scoped = requestScoped.map((wrapper) => provisionOf<Enhancer>(wrapper));
  return [...instances.map((shared) => ({ shared })), ...(await Promise.all(scoped))];
}

function eventParameter({ handlerClass, methodName, eventClass }: HandlerMethod): ArgumentMetadata {
  const prototype: unknown = handlerClass.prototype;
  const emitted: unknown = isObject(prototype) && Reflect.getMetadata('design:paramtypes', prototype, methodName);
  const metatype: unknown = Array.isArray(emitted) ? emitted[0] : undefined;
  // "body" is what Nest calls the payload of a message too; a ValidationPipe leaves "custom" ones alone.
  return { type: 'body', metatype: isClass(metatype) && metatype !== Object ? metatype : eventClass, data: undefined };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function';
}
