import type { FactoryProvider, InjectionToken, OptionalFactoryDependency, Provider, Type } from '@nestjs/common';
import { namedToken } from './named-token.js';

/**
 * Providers as the engine of a data source has them: the exported services stand under its tokens alone, never under their classes, so
 * that who asks for a class gets that of the default data source, or nothing.
 *
 * Factories that inject such a service are pointed at the right one. A constructor cannot be: inside the package no class injects an
 * exported service by its type, as it would get that of another data source.
 */
export function namedProviders(
  providers: readonly Provider[],
  exported: readonly Type[],
  dataSource: string,
): readonly Provider[] {
  const rename = (token: InjectionToken): InjectionToken => {
    const service = exported.find((candidate) => candidate === token);
    return service === undefined ? token : namedToken(service, dataSource);
  };
  const renameDependency = (dependency: Dependency): Dependency =>
    isOptional(dependency) ? { ...dependency, token: rename(dependency.token) } : rename(dependency);
  return providers.map((provider) => {
    if (typeof provider === 'function') {
      const token = rename(provider);
      return token === provider ? provider : { provide: token, useClass: provider };
    }
    if (!isFactory(provider)) return { ...provider, provide: rename(provider.provide) };
    return { ...provider, provide: rename(provider.provide), inject: (provider.inject ?? []).map(renameDependency) };
  });
}

type Dependency = InjectionToken | OptionalFactoryDependency;

function isFactory(provider: Exclude<Provider, Type>): provider is FactoryProvider {
  return 'useFactory' in provider;
}

function isOptional(dependency: Dependency): dependency is OptionalFactoryDependency {
  return typeof dependency === 'object' && 'optional' in dependency;
}
