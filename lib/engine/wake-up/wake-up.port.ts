/** Tells workers that there is work: those of this process at once, those of others as soon as may be. What is lost, polling finds. */
export abstract class WakeUp {
  /** Calls back at each wake-up of this process. */
  abstract listen(listener: () => void): void;

  /** Wakes workers; returns at once and never throws, as it is called where a transaction's connection is still held. */
  abstract wake(): void;

  /** Tells the workers of other processes that deliveries were handed back, which lie to the left of where they look. */
  abstract handedBack(): void;

  /** Tells every worker, that of this process too, that an operator decided something about a receiver. */
  abstract controlsChanged(): void;

  /** Ends what others are told; workers of this process still hear. */
  abstract stop(): void;
}
