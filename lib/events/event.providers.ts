import type { Provider } from '@nestjs/common';
import { ReceiverRegistry } from '../engine/receivers/receiver-registry.js';
import { PlainListenersBridge } from './bridge/plain-listeners.bridge.js';
import { AfterCommitRuns } from './sending/after-commit-runs.js';
import { InProcessEventFactory } from './sending/in-process-event.factory.js';
import { InProcessEvents } from './sending/in-process-events.service.js';
import { InProcessFailures } from './sending/in-process-failures.js';
import { InProcessReceivers } from './sending/in-process-receivers.js';
import { KnownReceivers } from './sending/known-receivers.js';
import { ReceiverConnections } from './sending/receiver-connections.js';
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
  InProcessFailures,
  AfterCommitRuns,
  InProcessEventFactory,
  InProcessReceivers,
  KnownReceivers,
  ReceiverConnections,
  InProcessEvents,
  PlainListenersBridge,
];
