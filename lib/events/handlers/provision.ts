import { ModuleRef, type ContextId, type DiscoveryService } from '@nestjs/core';
import { InvalidReceiverError } from '../../errors/invalid-receiver.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import type { Binding } from './bound-enhancers.js';

/** What Nest knows of one provider or controller. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Something Nest makes: once for all deliveries, or anew for each. */
export type Provision<Provided> =
  SharedProvision<Provided> | { make(contextId: ContextId | undefined): Promise<Provided> };

export interface SharedProvision<Provided> {
  readonly shared: Provided;
}

export function isShared<Provided>(provision: Provision<Provided>): provision is SharedProvision<Provided> {
  return 'shared' in provision;
}

/** @param contextId the delivery it is for; needed for what is not shared. */
export async function take<Provided>(
  provision: Provision<Provided>,
  contextId: ContextId | undefined,
): Promise<Provided> {
  return isShared(provision) ? provision.shared : provision.make(contextId);
}

/** The provider or controller that a receiver's method belongs to. */
export function provisionOfHost(wrapper: ProviderWrapper): Provision<object> {
  return isStaticallyMade(wrapper)
    ? { shared: wrapper.instance as object }
    : { make: (contextId) => resolve(wrapper, contextId) };
}

/**
 * An enhancer bound to a method of the host. Nest keeps one of each class in the module of the host.
 *
 * @throws InvalidReceiverError when Nest made none, as it does for hosts that are provided by a factory or as a value.
 */
export async function provisionOfEnhancer<Enhancer extends object>(
  binding: Binding<Enhancer>,
  host: ProviderWrapper,
  place: string,
): Promise<Provision<Enhancer>> {
  if (typeof binding !== 'function') return { shared: binding };
  const wrapper = host.host?.injectables.get(binding) ?? host.host?.providers.get(binding);
  if (wrapper === undefined) throw new InvalidReceiverError(place, enhancerNotMade(binding.name, host.host?.name));
  return provisionOf<Enhancer>(wrapper);
}

/** A guard, interceptor, pipe or filter by its own wrapper. A transient one is made once for each receiver, as Nest does. */
export async function provisionOf<Provided extends object>(wrapper: ProviderWrapper): Promise<Provision<Provided>> {
  if (isStaticallyMade(wrapper)) return { shared: wrapper.instance as Provided };
  if (wrapper.isDependencyTreeStatic()) return { shared: await resolve<Provided>(wrapper) };
  return { make: (contextId) => resolve<Provided>(wrapper, contextId) };
}

/** The `ModuleRef` of the module that holds the wrapper. */
export function moduleRefOf(wrapper: ProviderWrapper): ModuleRef {
  const moduleRef: unknown = wrapper.host?.providers.get(ModuleRef)?.instance;
  if (moduleRef instanceof ModuleRef) return moduleRef;
  throw new JobsError(
    `${String(wrapper.name)} belongs to no module of this application, so its receivers cannot be run.`,
  );
}

function isStaticallyMade(wrapper: ProviderWrapper): boolean {
  return wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
}

function resolve<Provided>(wrapper: ProviderWrapper, contextId?: ContextId): Promise<Provided> {
  // Strict: another module may provide the same class with dependencies of its own.
  return moduleRefOf(wrapper).resolve<Provided>(wrapper.token, contextId, { strict: true });
}

function enhancerNotMade(enhancer: string, moduleName: string | undefined): string {
  return (
    `Nest made no instance of ${enhancer}, which is bound to it, because the class is provided by a factory or as a value. ` +
    `Add ${enhancer} to the providers of ${moduleName ?? 'its module'}, or bind an instance instead of the class.`
  );
}
