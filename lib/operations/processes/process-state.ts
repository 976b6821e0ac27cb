/** Milliseconds without a sign of life after which a process is called silent; with a lease, that it is over says so. */
const SILENT_AFTER = { lock: 30_000, main: 90_000 };

/**
 * Whether a worker lives, as SQL: what its row says, unless it has been silent for so long that it may be gone while no other worker is
 * there to say so.
 */
export function processState(worker: string): string {
  const silentAfter = `case when ${worker}.mode = 'main' then ${SILENT_AFTER.main} else ${SILENT_AFTER.lock} end * interval '1 millisecond'`;
  return `case when ${worker}.state <> 'live' then ${worker}.state
    when coalesce(${worker}.lease_until, ${worker}.seen_at + ${silentAfter}) > clock_timestamp() then 'live' else 'silent' end`;
}

/** The receivers of workers that live, one row each, with the highest event version the worker understands. */
export function liveReceivers(workerTable: string): string {
  return `
  select w.id as worker, v.receiver, coalesce(v.version, 32767) as version
  from ${workerTable} w cross join lateral unnest(w.receivers, w.receiver_versions) v(receiver, version)
  where w.state = 'live' and ${processState('w')} = 'live'`;
}
