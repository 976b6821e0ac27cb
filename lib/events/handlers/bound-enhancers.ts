import {
  Catch,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CanActivate,
  type ExceptionFilter,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common';

/** An enhancer as it was bound: an instance, or a class for Nest to make one of. */
export type Binding<Enhancer> = Enhancer | Type<Enhancer>;

/** The enhancers bound to a handler, in the order in which Nest applies them. */
export interface BoundEnhancers {
  readonly guards: readonly Binding<CanActivate>[];
  readonly interceptors: readonly Binding<NestInterceptor>[];
  readonly pipes: readonly Binding<PipeTransform>[];
  readonly filters: readonly Binding<ExceptionFilter>[];
}

// Nest keeps its metadata keys in files that packages must not import. Asking its decorators for them works on every version.
const GUARDS = keyWrittenBy(UseGuards({ canActivate: () => true }));
const INTERCEPTORS = keyWrittenBy(UseInterceptors({ intercept: (_context, next) => next.handle() }));
const PIPES = keyWrittenBy(UsePipes({ transform: (value: unknown) => value }));
const FILTERS = keyWrittenBy(UseFilters({ catch: () => undefined }));
const CAUGHT = keyWrittenBy(Catch(Error));

/** Reads what is bound to a class (or inherited by it) and to its method; the class comes first. */
export function boundEnhancers(handlerClass: Type, method: object): BoundEnhancers {
  return {
    guards: bindings(GUARDS, handlerClass, method),
    interceptors: bindings(INTERCEPTORS, handlerClass, method),
    pipes: bindings(PIPES, handlerClass, method),
    filters: bindings(FILTERS, handlerClass, method),
  };
}

/** Whether the filter's `@Catch` covers the exception; one that names no class covers all. */
export function catches(filter: ExceptionFilter, exception: unknown): boolean {
  const classes: unknown = Reflect.getMetadata(CAUGHT, filter) ?? Reflect.getMetadata(CAUGHT, filter.constructor);
  return !Array.isArray(classes) || classes.length === 0 || classes.some((caught: Type) => exception instanceof caught);
}

function bindings<Enhancer>(key: unknown, handlerClass: Type, method: object): Binding<Enhancer>[] {
  return [handlerClass, method].flatMap((target) => {
    const bound: unknown = Reflect.getMetadata(key, target);
    // Nest's decorators have checked the kind of what they stored.
    return Array.isArray(bound) ? (bound as readonly Binding<Enhancer>[]) : [];
  });
}

function keyWrittenBy(decorator: ClassDecorator): unknown {
  class Target {}
  decorator(Target);
  return Reflect.getMetadataKeys(Target).find((key) => Array.isArray(Reflect.getMetadata(key, Target)));
}
