import { isStorable } from '../../engine/text/well-formed.js';
import type { Principal } from '../model/principal.js';
import type { InsightChecks } from './insight-checks.js';
import type { StalledPage, Workload, WorkloadPage } from './insight-figures.interface.js';
import type { Answer, StalledFigure, StalledInput, WorkloadFigure, WorkloadInput } from './insight-store.js';

const STALLED = /^(-?\d{1,18})\.([1-9]\d{0,18})$/;
const LOAD = /^(\d{1,15})\.(.{1,1000})$/su;
const MOST = 2n ** 63n;
const NOBODY: Workload = { open: 0, overdue: 0, claimed: 0, oldestSince: null };

/** Reads where a page of stalled jobs begins. */
export function stalledPosition(after: unknown, checks: InsightChecks): StalledInput['after'] {
  if (after === undefined) return undefined;
  const [, since, id] = (typeof after === 'string' ? STALLED.exec(after) : null) ?? [];
  if (since !== undefined && id !== undefined && BigInt(id) < MOST) return { since, id };
  throw checks.invalid('after', 'what a page gave as next', after);
}

export function toStalledPage({ at, figures }: Answer<StalledFigure>, limit: number): StalledPage {
  const page = figures.slice(0, limit);
  const last = page.at(-1);
  return {
    at,
    jobs: page.map(({ since, ...job }) => ({
      ...job,
      assignee: job.assignee as Principal | null,
      since: new Date(Math.floor(Number(since) / 1_000)),
    })),
    next: figures.length > limit && last !== undefined ? `${last.since}.${last.id}` : null,
  };
}

/** Reads where a page of assignees begins. */
export function loadPosition(after: unknown, checks: InsightChecks): WorkloadInput['after'] {
  if (after === undefined) return undefined;
  const [, open, assignee] = (typeof after === 'string' ? LOAD.exec(after) : null) ?? [];
  if (open !== undefined && assignee !== undefined && isStorable(assignee)) return { open: Number(open), assignee };
  throw checks.invalid('after', 'what a page gave as next', after);
}

export function toWorkloadPage({ at, figures }: Answer<WorkloadFigure>, limit: number): WorkloadPage {
  const nobody = figures.find(({ assignee }) => assignee === null);
  const assigned = figures.filter(({ assignee }) => assignee !== null);
  const page = assigned.slice(0, limit);
  const last = page.at(-1);
  return {
    at,
    assignees: page.map((figure) => ({ assignee: figure.assignee as Principal, ...toWorkload(figure) })),
    unassigned: nobody === undefined ? NOBODY : toWorkload(nobody),
    next: assigned.length > limit && last !== undefined ? `${last.open}.${last.assignee ?? ''}` : null,
  };
}

function toWorkload({ open, overdue, claimed, since }: WorkloadFigure): Workload {
  return { open, overdue, claimed, oldestSince: new Date(since) };
}
