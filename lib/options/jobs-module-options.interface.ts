import type { ModuleMetadata, Type, InjectionToken, OptionalFactoryDependency } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { EventReference } from '../events/definition/event-types.js';
import type { Clock } from '../engine/clock/clock.js';

/** Milliseconds, or text with a unit: `'500ms'`, `'30s'`, `'5m'`, `'7d'`. */
export type Duration = number | string;

/**
 * Limits of what one event may carry. What exceeds them is refused before anything is written.
 *
 * @publicApi
 */
export interface JobsLimits {
  /**
   * Bytes of a payload as JSON in UTF-8.
   *
   * @default 262144
   */
  readonly payload?: number;
}

/**
 * How this process works on deliveries.
 *
 * @publicApi
 */
export interface JobsWorkerOptions {
  /**
   * Ids of the receivers this process works for, `*` in one standing for any characters: `['order.*', 'analytics.count']`. All receivers of
   * the application are registered all the same; what this process does not work for waits for one that does.
   *
   * @default ['*']
   */
  readonly receivers?: readonly string[];
  /**
   * Ids of receivers this process leaves to others, written as those of `receivers`, over which it wins.
   *
   * @default []
   */
  readonly excludeReceivers?: readonly string[];
  /**
   * What people call this process, at most 64 printable characters, to be seen in `Processes`. No two processes that live have the same.
   */
  readonly label?: string;
  /**
   * Runs of one receiver at once in this process, unless the receiver says otherwise. Left out, it follows from the size of the connection pool.
   */
  readonly concurrency?: number;
  /**
   * Transactions that receivers hold at once in this process, each on a connection of the pool. Left out, seven of ten connections. A
   * receiver that is `transactional` and says nothing of its concurrency runs one less at once, so that none takes all of them.
   */
  readonly transactionalConcurrency?: number;
  /**
   * How often an idle worker looks for work it was not told of; a quarter as often while nothing at all is emitted.
   *
   * @default '2s'
   */
  readonly pollInterval?: Duration;
  /**
   * How long runs may take to end at shutdown before they are aborted and handed back.
   *
   * @default '20s'
   */
  readonly shutdownGrace?: Duration;
  /**
   * Crashes and deploys a delivery may be cut short by before it becomes a dead letter.
   *
   * @default 10
   */
  readonly maxInterruptions?: number;
  /**
   * Deliveries of one receiver held at once, at most, those that run included.
   *
   * @default 500
   */
  readonly batch?: number;
  /**
   * How long claims of a silent process are kept behind a transaction pooler, where its death cannot be seen; at least a second.
   *
   * @default '30s'
   */
  readonly lease?: Duration;
  /** A direct connection for the worker's session, when the data source goes through a transaction pooler. */
  readonly connection?: {
    /** `postgres://user:password@host:port/database` */
    readonly url: string;
  };
}

/**
 * When this process looks for jobs whose time has come.
 *
 * @publicApi
 */
export interface JobsSweepOptions {
  /**
   * Time between two looks. Not together with `cron`.
   *
   * @default '30s'
   */
  readonly every?: Duration;
  /** Cron expression of five fields, or of six with seconds in front. */
  readonly cron?: string;
  /** IANA time zone the cron expression is read in, such as `'Europe/Madrid'`; that of the process unless given. */
  readonly timeZone?: string;
}

/**
 * Options that may come out of an asynchronous factory.
 *
 * @publicApi
 */
export interface JobsRuntimeOptions {
  /**
   * Whether this process records its receivers in the database when it starts. `false` for consoles and laptops on a shared database.
   *
   * @default true
   */
  readonly register?: boolean;
  /**
   * Whether emitting events and changing jobs outside a transaction is refused; `JobsService.raise` never is.
   *
   * @default false
   */
  readonly requireTransaction?: boolean;
  /** Finds the transaction an emit without `manager` joins, called at each emit; `undefined` for none. */
  readonly transactionManager?: () => EntityManager | undefined;
  /**
   * What becomes of an event that no receiver is registered for: a warning, once for each name, or an error for the emitter.
   *
   * @default 'warn'
   */
  readonly unroutedEvents?: 'warn' | 'refuse';
  /**
   * Reliable events that plain `@OnEvent` listeners of `@nestjs/event-emitter` hear, too, by their names: in the emitting process, after
   * the commit, and without any guarantee. Classes, definitions or names, no patterns.
   *
   * @default []
   */
  readonly bridge?: readonly EventReference[];
  readonly limits?: JobsLimits;
  /**
   * How long an event is kept after it was emitted, at least; longer while a delivery or dead letter refers to it.
   *
   * @default '7d'
   */
  readonly retention?: Duration;
  /**
   * Whether the module runs its migrations when it starts, one process at a time.
   *
   * @default false
   */
  readonly migrate?: boolean;
  readonly enhancers?: {
    /**
     * Whether global guards, interceptors, pipes and filters apply to receivers too. An ordinary global guard rejects every delivery.
     *
     * @default false
     */
    readonly global?: boolean;
  };
  /**
   * Text of at least 32 characters that the cursors of lists are signed with, the same in every process. Left out, one is drawn when it
   * is first needed and kept in the database.
   */
  readonly cursorSecret?: string;
  /** Removes what must not be stored or logged from the texts of errors. */
  readonly redact?: (text: string) => string;
  /** Told of every failure of a receiver and of the worker, beside the log. What it throws is logged. */
  readonly onError?: (error: unknown, context: JobsErrorContext) => void;
  /** Version of the application, to be seen beside each of its processes; a text of up to 100 characters. */
  readonly appVersion?: string;
  /** Moves the engine's time in tests. */
  readonly clock?: Clock;
  /** How this process works; `false` for one that only emits. */
  readonly worker?: false | JobsWorkerOptions;
  /**
   * When this process sweeps: cancels jobs that have expired, tells of those that are due, and ends claims and snoozes whose time is over.
   * Only processes with a worker sweep; any number of them may. `false` leaves it to others, or to `JobSweeps` called by hand.
   */
  readonly sweep?: false | JobsSweepOptions;
}

/**
 * Where an error came from.
 *
 * @publicApi
 */
export interface JobsErrorContext {
  /** What was being done: `'delivery'` for a failed run, otherwise the part of the engine. */
  readonly activity: string;
  readonly receiverId?: string;
  readonly deliveryId?: string;
  readonly eventId?: string;
  readonly eventName?: string;
  readonly attempt?: number;
  /** What follows a failed run: another one, or none. */
  readonly outcome?: 'retry' | 'dead' | 'committed';
}

/**
 * Options that decide providers and tables, and so must be known when the module is declared.
 *
 * @publicApi
 */
export interface JobsDeclarationOptions {
  /** Name of the TypeORM data source; left out for the default one. */
  readonly dataSource?: string;
  /** Schema of the tables; left out for the data source's own. */
  readonly schema?: string;
  /**
   * Whether other modules may inject the services without importing `JobsModule`.
   *
   * @default true
   */
  readonly isGlobal?: boolean;
}

/**
 * Options of `JobsModule.forRoot`.
 *
 * @publicApi
 */
export interface JobsModuleOptions extends JobsDeclarationOptions, JobsRuntimeOptions {}

/**
 * Makes options for `JobsModule.forRootAsync({ useClass })`.
 *
 * @publicApi
 */
export interface JobsOptionsFactory {
  createJobsOptions(): JobsRuntimeOptions | Promise<JobsRuntimeOptions>;
}

/**
 * Options of `JobsModule.forRootAsync`: those that decide providers and tables stand beside the factory.
 *
 * @publicApi
 */
export interface JobsModuleAsyncOptions extends JobsDeclarationOptions, Pick<ModuleMetadata, 'imports'> {
  readonly useFactory?: (...dependencies: never[]) => JobsRuntimeOptions | Promise<JobsRuntimeOptions>;
  /** Made by the module. */
  readonly useClass?: Type<JobsOptionsFactory>;
  /** Provided by one of `imports`. */
  readonly useExisting?: InjectionToken<JobsOptionsFactory>;
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
}
