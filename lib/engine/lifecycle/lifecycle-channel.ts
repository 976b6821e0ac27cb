/** Those who listen to one kind of thing. */
export class LifecycleChannel<Event> {
  private listeners: readonly ((event: Event) => unknown)[] = [];

  get isHeard(): boolean {
    return this.listeners.length > 0;
  }

  /** @returns a function that ends it. */
  add(listener: (event: Event) => unknown): () => void {
    // One function may listen twice, and each end is its own.
    const own = (event: Event): unknown => listener(event);
    // Replaced, not changed: a listener may end itself, or add another, while it is told.
    this.listeners = [...this.listeners, own];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== own);
    };
  }

  /** Tells every listener; what one throws, or rejects with, goes to `failed`. */
  tell(event: Event, failed: (error: unknown) => void): void {
    for (const listener of this.listeners) {
      try {
        const answer = listener(event);
        if (isThenable(answer)) answer.then(undefined, failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
