import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Job, JobCloseReason } from '../model/job.js';
import type { JobHistoryEntry } from '../model/job-history-entry.js';
import type { JobTransitionName } from './job-transitions.js';

/** What names the jobs of one matter. */
export interface JobSubject {
  readonly tenant: string;
  readonly type: string;
  readonly targetType: string;
  readonly targetId: string;
}

/** Jobs by their ids, or those of a subject and, unless it is null, of one key. */
export type JobSelector =
  { readonly ids: readonly string[] } | { readonly subject: JobSubject; readonly key: string | null };

/** One change as it is asked for. */
export interface JobChange {
  readonly transition: JobTransitionName;
  readonly selector: JobSelector;
  readonly actor: string;
  /** What the transition's SQL reads; absent values are left out. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly note: string | null;
}

/** A new job as the request statement takes it; times are ISO texts or milliseconds from now. */
export interface JobRequestInput extends JobSubject {
  readonly typeVersion: number;
  readonly key: string;
  readonly assignee: string | null;
  readonly candidates: readonly string[];
  readonly priority: number;
  readonly plan: string | null;
  readonly step: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly dueIn?: number;
  readonly dueAt?: string;
  readonly expiresIn?: number;
  readonly expiresAt?: string;
  readonly uniqueness: 'open' | 'ever' | 'none';
  readonly onRepeat: 'keep' | 'merge' | 'extend';
}

/** A completion that came before its request. */
export interface RememberedCompletion {
  readonly reason: JobCloseReason;
  readonly outcome: string | null;
  /** The event that said so; `null` when it was code. */
  readonly eventId: string | null;
  readonly result?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
  /** Who said so. */
  readonly actor?: string | null;
}

/** What a request led to. */
export interface RequestedRecord {
  readonly job: Job;
  readonly created: boolean;
  /** What was remembered for it, and is from now on no longer. */
  readonly remembered: RememberedCompletion | undefined;
}

/** Which part of a job's history. */
export interface HistoryPageRequest {
  readonly what: 'history' | 'comments';
  readonly order: 'oldest' | 'newest';
  /** `null` for the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** The changes that come by themselves when their time has come. */
export const JOB_SWEEPS = ['expire', 'noticeDue', 'lapse', 'wake'] as const satisfies readonly JobTransitionName[];

/** One of them. */
export type JobSweepName = (typeof JOB_SWEEPS)[number];

/** Reads and writes jobs. Every change is guarded, and written with its history or not at all. */
export abstract class JobStore {
  /** Requests a job, or counts a repeat on the one that is open. */
  abstract request(
    connection: EngineConnection,
    input: JobRequestInput,
    actor: string,
    note: string | null,
  ): Promise<RequestedRecord>;

  /** Changes those of the selected jobs that meet the transition's guard. */
  abstract change(connection: EngineConnection, change: JobChange): Promise<Job[]>;

  /** Which sweeps would find a job now; all of them, where finding out costs as much as sweeping. */
  async sweepsDue(_connection: EngineConnection): Promise<readonly JobSweepName[]> {
    return JOB_SWEEPS;
  }

  /** Makes the change for a batch of jobs whose time has come. */
  abstract sweep(
    connection: EngineConnection,
    name: JobSweepName,
    input: Readonly<Record<string, unknown>>,
    actor: string,
  ): Promise<Job[]>;

  /**
   * Finds the most urgent free job assigned to or open to one of the principals, and keeps others from it until the transaction ends.
   *
   * @param query types, tags, tenant, and ids of those it must not be.
   */
  abstract lockNext(
    connection: EngineConnection,
    principals: readonly string[],
    query: Readonly<Record<string, unknown>>,
  ): Promise<Job | undefined>;

  /** Keeps jobs from being changed by others until the transaction ends. */
  abstract lock(connection: EngineConnection, ids: readonly string[]): Promise<void>;

  /** The same for one pending job, unless somebody else keeps it: then, and when it is no longer pending, the answer is `false`. */
  abstract tryLock(connection: EngineConnection, id: string): Promise<boolean>;

  /** One page of a job's history, from behind the entry of the id `after`. */
  abstract history(connection: EngineConnection, id: string, page: HistoryPageRequest): Promise<JobHistoryEntry[]>;

  abstract findByIds(connection: EngineConnection, ids: readonly string[]): Promise<Job[]>;

  abstract findPending(connection: EngineConnection, subject: JobSubject, key: string | null): Promise<Job[]>;

  /** Waits until no other transaction requests or completes jobs of the subject, and makes others wait until this one ends. */
  abstract takeTurns(connection: EngineConnection, subject: JobSubject): Promise<void>;

  /** Takes the turn of {@link takeTurns} if it is free within the given milliseconds. */
  abstract tryTurn(connection: EngineConnection, subject: JobSubject, patience: number): Promise<boolean>;

  /** Takes turns with others who raise jobs of the subject. They are never long, as whoever raises does nothing else meanwhile. */
  abstract takeTurnsToRaise(connection: EngineConnection, subject: JobSubject): Promise<void>;

  /** Remembers a completion for a request that is still to come, for the given milliseconds. */
  abstract remember(
    connection: EngineConnection,
    subject: JobSubject,
    completion: RememberedCompletion,
    limit: number,
    key?: string,
  ): Promise<void>;

  /** Drops what was remembered for jobs of the subject and key. */
  abstract unremember(connection: EngineConnection, subject: JobSubject, key: string): Promise<void>;

  /** Forgets completions that were remembered for too long. */
  abstract forget(connection: EngineConnection): Promise<void>;

  /** The job of a subject and key that is open, or else the latest that ever was. */
  abstract findEver(connection: EngineConnection, subject: JobSubject, key: string): Promise<Job | undefined>;
}
