import type { JobSubject } from '../../../jobs/store/job-store.port.js';

/** Key of what there is once for a subject and a key in it. */
export function subjectKey({ tenant, type, targetType, targetId }: JobSubject, key: string): string {
  return JSON.stringify([tenant, type, targetType, targetId, key]);
}

/** Name of the lock by which those who deal with a subject take turns. */
export function turnOf({ tenant, type, targetType, targetId }: JobSubject): string {
  return `turn ${JSON.stringify([tenant, type, targetType, targetId])}`;
}
