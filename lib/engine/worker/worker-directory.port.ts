/** A receiver of a worker. */
export interface AnnouncedReceiver {
  readonly number: number;
  /** Highest event version the worker understands for it. */
  readonly version: number;
}

/** Says which receivers a worker has, and in which versions, so that deliveries nobody runs can be told from those that wait. */
export abstract class WorkerDirectory {
  /** @throws WorkerLabelError when another process that lives is called the same. */
  abstract announce(workerId: number, receivers: readonly AnnouncedReceiver[]): Promise<void>;
}
