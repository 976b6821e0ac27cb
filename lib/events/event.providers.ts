import type { Provider } from '@nestjs/common';
import { ReceiverRegistry } from '../engine/receivers/receiver-registry.js';
import { EventCatalogue } from './definition/event-catalogue.js';
import { HandlerFactory } from './handlers/handler.factory.js';
import { ReceiverFactory } from './receiver.factory.js';
import { ReliableEventsExplorer } from './reliable-events.explorer.js';
import { ReliableEventsMetadataAccessor } from './reliable-events-metadata.accessor.js';

/** The discovery of receivers of events. Needs `JOBS_OPTIONS` and Nest's `DiscoveryModule`. */
export const eventProviders: readonly Provider[] = [
  EventCatalogue,
  ReceiverRegistry,
  HandlerFactory,
  ReceiverFactory,
  ReliableEventsMetadataAccessor,
  ReliableEventsExplorer,
];
