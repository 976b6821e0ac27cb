/**
 * The delivery a hook tells of.
 *
 * @publicApi
 */
export interface LifecycleDelivery {
  readonly deliveryId: string;
  readonly eventId: string;
  /** `null` when the event itself is gone. */
  readonly eventName: string | null;
  readonly receiverId: string;
  /** 1 on the first run; failures before this run plus one. */
  readonly attempt: number;
  readonly correlationId: string | null;
  readonly tenant: string | null;
  readonly key: string | null;
}

/**
 * A run that has ended.
 *
 * @publicApi
 */
export interface LifecycleRun extends LifecycleDelivery {
  /** How long the receiver took, in milliseconds; what it waited for before it was called is not in it. */
  readonly duration: number;
}

/**
 * What an operator did to a receiver.
 *
 * @publicApi
 */
export interface LifecycleReceiverAction {
  readonly receiverId: string;
  readonly actor: string;
}

/**
 * Something that was done by hand, or by a program in somebody's name, as the audit has it.
 *
 * @publicApi
 */
export interface LifecycleAction {
  readonly actor: string;
  /** Such as `delivery.retried`, `dead-letter.redriven`, `event.replayed` or `receiver.paused`. */
  readonly action: string;
  /** What it was done to, such as `delivery:17.3`, `event:17` or `receiver:order.on-paid`. */
  readonly subject: string;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * What can be listened to with {@link Lifecycle}, by name.
 *
 * A run is told of as `started`, and when its outcome is written as one of `succeeded`, `retried`, `dead`, `discarded`, `interrupted` and
 * `lost`. Where it failed, `failed` comes before `retried` or `dead`.
 *
 * @publicApi
 */
export interface LifecycleEvents {
  /** An event was written; told after the commit, and not at all after a rollback. Repeats that were deduplicated are not told. */
  readonly emitted: {
    readonly eventId: string;
    readonly eventName: string;
    /** How many receivers it was fanned out to. */
    readonly receivers: number;
    readonly correlationId: string | null;
    readonly tenant: string | null;
    readonly key: string | null;
  };
  /** A receiver is about to be called. */
  readonly started: LifecycleDelivery;
  /** A receiver is done, and the delivery with it. */
  readonly succeeded: LifecycleRun;
  /** A run failed. */
  readonly failed: LifecycleRun & {
    /** What was thrown, as it was thrown: unlike the log it is not redacted. */
    readonly error: unknown;
    readonly timedOut: boolean;
    /** What follows. */
    readonly outcome: 'retried' | 'dead';
  };
  /** A delivery is run again, after a failure or because its receiver asked for it. */
  readonly retried: LifecycleRun & {
    /** Milliseconds until then. */
    readonly delay: number;
    /** Whether it is so because the run failed. */
    readonly failed: boolean;
  };
  /** A delivery is a dead letter now. */
  readonly dead: LifecycleDelivery & { readonly reason: string };
  /** A receiver gave an event up by `DiscardDelivery`. */
  readonly discarded: LifecycleRun & { readonly reason: string };
  /** A run was cut short by the end of its process; the delivery is handed back at no attempt. */
  readonly interrupted: LifecycleRun;
  /** The claim belonged to another process by the time the run ended, so its outcome changes nothing. */
  readonly lost: LifecycleRun;
  /** Any action of operations, those below included; told by the process in which it was done, when it is committed. */
  readonly acted: LifecycleAction;
  /** An operator paused a receiver. */
  readonly paused: LifecycleReceiverAction;
  /** An operator let a paused receiver go on. */
  readonly resumed: LifecycleReceiverAction;
  /** An operator set how many runs of a receiver each process may have at once; `null` is what its code says. */
  readonly concurrencyChanged: LifecycleReceiverAction & { readonly concurrency: number | null };
  /** An operator ended the fan-out to a receiver. */
  readonly retired: LifecycleReceiverAction;
}

/** Name of something that can be listened to. */
export type LifecycleName = keyof LifecycleEvents;

/**
 * Anything {@link Lifecycle} tells of, with its name as `kind`.
 *
 * @publicApi
 */
export type LifecycleEvent = {
  [Name in LifecycleName]: { readonly kind: Name } & LifecycleEvents[Name];
}[LifecycleName];
