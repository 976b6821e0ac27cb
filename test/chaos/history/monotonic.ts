/** Milliseconds of the machine's monotonic clock: the same in every process, whatever is done to `Date`. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
