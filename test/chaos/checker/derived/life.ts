import { entriesOf, type History } from '../../history/history.js';

/** One boot of a process, from its start to its end. */
export interface Life {
  readonly process: string;
  readonly pid: number;
  readonly role: string;
  readonly deployment: string;
  readonly startedAt: number;
  readonly readyAt: number;
  /** `Infinity` while it runs. */
  readonly endedAt: number;
}

/** Everybody who ever ran. */
export function livesOf(history: History): readonly Life[] {
  const ended = new Map(entriesOf(history, 'process.ended').map((entry) => [entry.process, entry.at]));
  const ready = new Map(entriesOf(history, 'process.ready').map((entry) => [entry.process, entry.at]));
  return entriesOf(history, 'process.started').map(({ process, pid, role, deployment, at }) => ({
    process,
    pid,
    role,
    deployment,
    startedAt: at,
    readyAt: ready.get(process) ?? Infinity,
    endedAt: ended.get(process) ?? Infinity,
  }));
}

/** Which boot each worker of the engine was; numbers of processes are used again, so the times decide, too. */
export function lifeByWorker(history: History): ReadonlyMap<number, Life> {
  const lives = livesOf(history);
  return new Map(
    history.workers.flatMap(({ id, pid, startedAt }) => {
      const life = lives.find((one) => one.pid === pid && one.startedAt <= startedAt && startedAt <= one.endedAt);
      return life === undefined ? [] : [[id, life] as const];
    }),
  );
}
