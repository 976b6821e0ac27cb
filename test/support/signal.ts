/** A promise that is settled from outside: what a test waits for, or what it lets a receiver wait for. */
export class Signal<Value = void> {
  readonly given: Promise<Value>;
  private resolve: (value: Value) => void = () => undefined;

  constructor() {
    this.given = new Promise((resolve) => (this.resolve = resolve));
  }

  give(value: Value): void {
    this.resolve(value);
  }
}
