import 'reflect-metadata';
import {
  type FactoryProvider,
  Inject,
  type InjectionToken,
  type OptionalFactoryDependency,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DEFAULT_DATA_SOURCE } from './default-data-source.js';
import { namedToken } from './named-token.js';

/**
 * Providers as the engine of a data source has them: the exported services stand under its tokens alone, never under their classes, so
 * that who asks for a class gets that of the default data source, or nothing. Whatever injects them here is pointed at the right ones.
 */
export function namedProviders(
  providers: readonly Provider[],
  exported: readonly Type[],
  dataSource: string,
): readonly Provider[] {
  if (dataSource === DEFAULT_DATA_SOURCE) return providers;
  const renamed: Rename = (token) => {
    const service = exported.find((candidate) => candidate === token);
    return service === undefined ? undefined : namedToken(service, dataSource);
  };
  return providers.map((provider) => {
    if (typeof provider === 'function') {
      return { provide: renamed(provider) ?? provider, useClass: pointed(provider, renamed) };
    }
    const provide = renamed(provider.provide) ?? provider.provide;
    if ('useClass' in provider) return { ...provider, provide, useClass: pointed(provider.useClass, renamed) };
    if (!isFactory(provider)) return { ...provider, provide };
    return { ...provider, provide, inject: (provider.inject ?? []).map((token) => pointedDependency(token, renamed)) };
  });
}

type Rename = (token: unknown) => InjectionToken | undefined;

/** A class whose constructor is given the renamed services; the class itself when it takes none of them. */
function pointed(provided: Type, renamed: Rename): Type {
  const types: unknown = Reflect.getMetadata('design:paramtypes', provided);
  const tokens = Array.isArray(types) ? types.map(renamed) : [];
  if (tokens.every((token) => token === undefined)) return provided;
  const named = class extends provided {};
  Reflect.defineProperty(named, 'name', { value: provided.name });
  for (const [index, token] of tokens.entries()) {
    if (token !== undefined) Inject(token)(named, undefined, index);
  }
  return named;
}

type Dependency = InjectionToken | OptionalFactoryDependency;

function pointedDependency(dependency: Dependency, renamed: Rename): Dependency {
  if (!isOptional(dependency)) return renamed(dependency) ?? dependency;
  return { ...dependency, token: renamed(dependency.token) ?? dependency.token };
}

function isFactory(provider: Exclude<Provider, Type>): provider is FactoryProvider {
  return 'useFactory' in provider;
}

function isOptional(dependency: Dependency): dependency is OptionalFactoryDependency {
  return typeof dependency === 'object' && 'optional' in dependency;
}
