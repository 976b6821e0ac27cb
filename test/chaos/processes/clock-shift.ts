import { BroadcastChannel } from 'node:worker_threads';

// Loaded before anything else, in each thread: moves what `Date` says of now.

const RealDate = Date;
const channel = new BroadcastChannel('chaos-clock');
let offset = 0;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values: unknown[], newTarget: new () => Date) =>
    Reflect.construct(target, values.length === 0 ? [RealDate.now() + offset] : values, newTarget) as Date,
  apply: () => new RealDate(RealDate.now() + offset).toString(),
  get: (target, property) =>
    property === 'now' ? () => RealDate.now() + offset : (Reflect.get(target, property) as unknown),
});

function shift(milliseconds: number): void {
  offset = milliseconds;
}

channel.onmessage = (message) => shift((message as { readonly data: number }).data);
(channel as unknown as { unref(): void }).unref();

/** Moves the clock of every thread of this process. */
export function shiftClock(milliseconds: number): void {
  shift(milliseconds);
  channel.postMessage(milliseconds);
}
