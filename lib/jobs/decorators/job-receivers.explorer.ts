import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { DataSourceScope } from '../../data-sources/data-source-scope.js';
import { EngineDatabase } from '../../engine/database/engine-database.js';
import type { DeliveryContext, TransactionalContext } from '../../engine/deliveries/delivery-context.js';
import type { ReceivedEvent } from '../../engine/deliveries/stored-event.js';
import { ReceiverRegistry } from '../../engine/receivers/receiver-registry.js';
import { DiscardDelivery } from '../../errors/discard-delivery.error.js';
import { EventNotUnderstoodError } from '../../errors/event-not-understood.error.js';
import { InvalidReceiverError } from '../../errors/invalid-receiver.error.js';
import { assembleReceivers, declarationsIn, type Reception, receiverIdOf } from '../../events/assemble-receivers.js';
import { declarationsOn } from '../../events/declare-receiver.js';
import { type DiscoveredMethod, discoveredMethods } from '../../events/discovered-methods.js';
import { HandlerFactory } from '../../events/handlers/handler.factory.js';
import { ReliableEventsMetadataAccessor } from '../../events/reliable-events-metadata.accessor.js';
import type { OptionChecks } from '../../options/option-checks.js';
import { factEventName, type JobFact, type JobFactName, factPattern } from '../facts/job-fact.js';
import { JOB_FACT_VERSION } from '../facts/job-fact-version.js';
import { Job } from '../model/job.js';
import { JobStore } from '../store/job-store.port.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import { jobTypeOf } from '../types/job-type.decorator.js';
import { JOB_FACT_DECLARATIONS, type JobFactDeclaration } from './job-fact-declaration.js';

/** Finds the methods that receive what happens to jobs, and registers them. */
@Injectable()
export class JobReceiversExplorer {
  private explored: Promise<void> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly events: ReliableEventsMetadataAccessor,
    private readonly handlers: HandlerFactory,
    private readonly registry: ReceiverRegistry,
    private readonly database: EngineDatabase,
    private readonly store: JobStore,
    private readonly scope: DataSourceScope,
  ) {}

  /** Registers what it finds, once however often it is asked. */
  explore(): Promise<void> {
    this.explored ??= this.exploreAll();
    return this.explored;
  }

  private async exploreAll(): Promise<void> {
    for (const discovered of discoveredMethods(this.discovery, this.scanner)) {
      const { handlerClass, prototype, methodName, moduleName } = discovered;
      const declared = declarationsOn(JOB_FACT_DECLARATIONS, prototype, methodName) as readonly JobFactDeclaration[];
      const declarations = declarationsIn(this.scope, discovered, declared, dataSourceOf);
      if (declarations.length === 0) continue;
      this.refuseMixed(discovered, declarations);
      const receivers = await assembleReceivers(this.handlers, discovered, declarations, (id, ofId, checks) =>
        this.receptionOf(id, ofId, checks),
      );
      for (const receiver of receivers) {
        this.registry.add(receiver, { declaredBy: handlerClass, className: handlerClass.name, methodName, moduleName });
      }
    }
  }

  /** One receiver is given jobs, or events. */
  private refuseMixed(method: DiscoveredMethod, declarations: readonly JobFactDeclaration[]): void {
    const ofEvents = declarationsIn(
      this.scope,
      method,
      this.events.declarationsOf(method.prototype, method.methodName),
    );
    const ids = new Set(ofEvents.map((declaration) => receiverIdOf(declaration, method)));
    const mixed = declarations.map((declaration) => receiverIdOf(declaration, method)).find((id) => ids.has(id));
    if (mixed === undefined) return;
    throw new InvalidReceiverError(
      `${method.handlerClass.name}.${method.methodName}`,
      `receiver "${mixed}" is decorated for jobs and with @OnReliableEvent. One receiver is given jobs or events; give them different ids.`,
    );
  }

  private receptionOf(id: string, declarations: readonly JobFactDeclaration[], checks: OptionChecks): Reception {
    const heard = declarations.map(({ fact, type }) => ({ fact, type: typeNameOf(type, checks) }));
    const patterns = new Set(heard.map(({ fact, type }) => factPattern(fact, type)));
    return {
      subscriptions: [...patterns].map((pattern) => ({ pattern, version: JOB_FACT_VERSION })),
      // What happens to jobs is told by their own transactions alone.
      reach: 'reliable',
      decode: (stored, context) => this.jobOf(id, heard, stored, context),
      received: Job as Type,
    };
  }

  private async jobOf(
    receiverId: string,
    heard: readonly HeardFact[],
    stored: ReceivedEvent,
    context: DeliveryContext | TransactionalContext,
  ): Promise<Job> {
    const { jobId, type } = JSON.parse(stored.payload) as JobFact;
    if (!heard.some((one) => factEventName(one.fact) === stored.name && (one.type ?? type) === type)) {
      throw new EventNotUnderstoodError(
        `Receiver "${receiverId}" does not listen to "${stored.name}" of ${type} any more, but deliveries of it are left. ` +
          'They wait for a process where it does; retire the receiver when there is none.',
      );
    }
    const connection =
      'manager' in context ? await this.database.connectionOf(context.manager) : this.database.connection;
    const [job] = await this.store.findByIds(connection, [jobId]);
    if (job === undefined) throw new DiscardDelivery(`Job ${jobId} is gone.`);
    return job;
  }
}

/** A fact a receiver hears of; of one type, or of all when that is left out. */
interface HeardFact {
  readonly fact: JobFactName;
  readonly type: string | undefined;
}

/** Its own, or else that of its type: nobody else tells of the jobs of a type. */
function dataSourceOf({ type, options }: JobFactDeclaration, checks: OptionChecks): string | undefined {
  const { dataSource } = options;
  const definition = type === undefined ? undefined : jobTypeOf(type);
  if (definition === undefined || dataSource === undefined) return dataSource ?? definition?.dataSource;
  if (dataSource === definition.dataSource) return dataSource;
  throw new InvalidReceiverError(
    checks.place,
    `it names the data source "${dataSource}", but jobs of ${definition.name} are kept in "${definition.dataSource}". Leave the option out.`,
  );
}

function typeNameOf(type: JobTypeClass | undefined, checks: OptionChecks): string | undefined {
  if (type === undefined) return undefined;
  const name = jobTypeOf(type)?.name;
  if (name !== undefined) return name;
  throw new InvalidReceiverError(
    checks.place,
    `${type.name} is no job type; decorate it with @JobType, which a subclass does not inherit.`,
  );
}
