import { setTimeout as sleep } from 'node:timers/promises';

import { payloadOf } from './payload.mjs';

/** Calls what a system offers to enqueue, as often and as many at once as told. */
export class Producer {
  #adapter;
  #system;
  #open;
  #next = 0;

  constructor(adapter, system) {
    this.#adapter = adapter;
    this.#system = system;
  }

  /** Creates the tables, and the receivers that jobs are for. */
  async prepare(url, receivers = 1) {
    await this.#adapter.prepare(url, { ...this.#system.settings, receivers });
  }

  async open(url, options = {}) {
    this.#open = await this.#adapter.openProducer(url, {
      ...this.#system.settings,
      connections: 10,
      receivers: 1,
      ...options,
    });
  }

  /** Business transactions, `concurrency` at once; with `emit` each of them enqueues. */
  transactions(count, { emit = true, concurrency = 10 } = {}) {
    return this.#inParallel(count, concurrency, (lane, n) =>
      this.#open.transaction(lane * 100 + (n % 100), emit ? payloadOf(n) : undefined),
    );
  }

  /** One job a call, outside any transaction. */
  single(count, { concurrency = 10 } = {}) {
    return this.#inParallel(count, concurrency, (_lane, n) => this.#open.enqueue(payloadOf(n)));
  }

  /** Many jobs a call, one call after the other. */
  async bulk(count, batch = 1000) {
    for (let left = count; left > 0; left -= batch) {
      const size = Math.min(batch, left);
      await this.#open.enqueueMany(Array.from({ length: size }, () => payloadOf(this.#next++)));
    }
    return count;
  }

  /** One transaction each `interval` milliseconds; answers when each was committed, on the clock that all processes share. */
  async paced(count, interval) {
    const committed = [];
    for (let n = 0; n < count; n += 1) {
      await this.#open.transaction(n % 1000, payloadOf(this.#next++));
      committed.push(now());
      await sleep(interval);
    }
    return committed;
  }

  /**
   * So many transactions a second, each begun when its time comes, whatever became of those before; answers when each was committed.
   */
  async steady(rate, seconds) {
    const count = Math.round(rate * seconds);
    const committed = new Array(count);
    const running = [];
    const begun = performance.now();
    const first = this.#next;
    for (let n = 0; n < count;) {
      const due = Math.min(count, Math.ceil(((performance.now() - begun) / 1000) * rate));
      for (; n < due; n += 1) {
        const index = n;
        this.#next += 1;
        running.push(
          this.#open.transaction(index % 1000, payloadOf(first + index)).then(() => (committed[index] = now())),
        );
      }
      await sleep(1);
    }
    await Promise.all(running);
    return { first, committed };
  }

  async close() {
    await this.#open?.close();
  }

  async #inParallel(count, concurrency, work) {
    let left = count;
    const lane = async (_, index) => {
      while (left > 0) {
        left -= 1;
        await work(index, this.#next++);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
    return count;
  }
}

/** Milliseconds of the monotonic clock, which is one for the machine. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}
