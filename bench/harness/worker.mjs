import { setTimeout as sleep } from 'node:timers/promises';

import { now, Producer } from './producer.mjs';

/** Runs a system's worker and counts what its handlers are called with, job by job. */
export class WorkerActor {
  #adapter;
  #system;
  #report;
  #open;
  #handled = 0;
  #twice = 0;
  #seen = new Uint8Array(0);
  #startedAt = [];
  #awaited = Infinity;
  #producer;

  constructor(adapter, system, report) {
    this.#adapter = adapter;
    this.#system = system;
    this.#report = report;
  }

  /**
   * Begins to work. `expected` jobs are reported by `handled` once all were; `times` keeps when each handler began; `hang` never ends one;
   * `work` is how many milliseconds each takes, and `slow` those of receivers beside the first, which are not counted.
   */
  async open(
    url,
    { expected = 0, capacity = expected, times = false, hang = false, work = 0, slow = 0, ...options } = {},
  ) {
    this.#seen = new Uint8Array(capacity);
    this.#awaited = expected;
    const handle = (n, receiver = 1) => {
      if (receiver > 1) return sleep(slow);
      this.#count(n, times);
      if (hang) return new Promise(() => undefined);
      return work > 0 ? sleep(work) : undefined;
    };
    this.#open = await this.#adapter.openWorker(url, {
      receivers: 1,
      kind: 'plain',
      ...this.#system.settings,
      ...options,
      handle,
    });
  }

  /** Reports `handled` again when this many more were. */
  expect(more) {
    this.#awaited = this.#handled + more;
    return this.#handled;
  }

  counts() {
    return { handled: this.#handled, twice: this.#twice };
  }

  times() {
    return this.#startedAt;
  }

  /** When those of the given jobs began that did. */
  timesOf(jobs) {
    const wanted = new Set(jobs);
    return this.#startedAt.filter(([n]) => wanted.has(n)).map(([, at]) => at);
  }

  /** The jobs handled so far, in order. */
  handledJobs() {
    return this.#startedAt.map(([n]) => n);
  }

  /** The same process emits, too: what a monolith does. */
  async produce(url, count, interval) {
    this.#producer ??= new Producer({ openProducer: () => this.#open.producer() }, this.#system);
    await this.#producer.open(url);
    return this.#producer.paced(count, interval);
  }

  async close() {
    await this.#open?.close();
  }

  #count(n, times) {
    if (times) this.#startedAt.push([n, now()]);
    if (this.#handled === 0) this.#report('first');
    this.#handled += 1;
    if (this.#seen[n] === 1) this.#twice += 1;
    this.#seen[n] = 1;
    if (this.#handled === this.#awaited) this.#report('handled', this.#handled);
  }
}
