import type { InjectionToken, Provider } from '@nestjs/common';

/** What the engine adds to the module. It may inject `JOBS_OPTIONS`, `JOBS_DATA_SOURCE` and `ReceiverRegistry`. */
export const engineProviders: readonly Provider[] = [];

/** The services that applications inject. */
export const engineExports: readonly InjectionToken[] = [];
