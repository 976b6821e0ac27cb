import type { Mutant } from './mutant.js';
import {
  cutOff,
  jobsOnly,
  killedForGood,
  killedInTheMiddle,
  lostClaim,
  nothingWrong,
  overtaken,
  slowToReturn,
  stoppedInTheMiddle,
} from './scenarios.js';

const NEVER = 'everything drained';

/** Bugs that an engine of this kind may have, and some did. */
export const mutants: readonly Mutant[] = [
  {
    name: 'acknowledgements have no fence',
    patches: [
      {
        file: 'lib/engine/deliveries/settle.statements.ts',
        find: 'd.event_id = c.event_id and d.receiver = c.receiver and d.claims = c.claims',
        replace: 'd.event_id = c.event_id and d.receiver = c.receiver',
      },
      {
        file: 'lib/engine/deliveries/settle.statements.ts',
        find: 'and d.claims = $3 returning',
        replace: 'and $3::int is not null returning',
      },
    ],
    scenario: overtaken,
    caughtBy: ['only the holder writes', 'one run at a time'],
  },
  {
    name: 'the fence begins anew when a delivery is taken from the dead',
    patches: [
      {
        file: 'lib/engine/liveness/protocol/release.statements.ts',
        find: 'set worker = null, claimed_at = null, interruptions = taken.interruptions',
        replace: 'set worker = null, claimed_at = null, claims = 0, interruptions = taken.interruptions',
      },
    ],
    scenario: killedInTheMiddle,
    caughtBy: ['claims only grow'],
  },
  {
    name: 'claims go on from the last id seen, past transactions that commit later',
    patches: [
      {
        file: 'lib/engine/claiming/ready-bounds.ts',
        find: 'const open = snapshot.open.filter((xid) => xid < highest);',
        replace: 'const open: bigint[] = []; void highest;',
      },
      {
        file: 'lib/engine/claiming/claimer.ts',
        find: 'const RESET_INTERVAL = 20_000;',
        replace: 'const RESET_INTERVAL = 1e9;',
      },
    ],
    scenario: nothingWrong,
    caughtBy: [NEVER],
  },
  {
    name: 'the acknowledgement is committed before the receiver runs',
    patches: [
      {
        file: 'lib/engine/worker/receiver-transaction.ts',
        find: 'const result = await work.do(queryRunner.manager);',
        replace: `await this.acknowledge(queryRunner.manager, work.handled());
      await queryRunner.commitTransaction();
      await queryRunner.startTransaction();
      const result = await work.do(queryRunner.manager);`,
      },
      {
        file: 'lib/engine/worker/receiver-transaction.ts',
        find: 'await this.acknowledge(queryRunner.manager, work.handled());\n      await queryRunner.commitTransaction();\n      if (isIn',
        replace: 'await queryRunner.commitTransaction();\n      if (isIn',
      },
    ],
    scenario: nothingWrong,
    caughtBy: ['nothing lost'],
  },
  {
    name: 'nobody is woken, and nobody looks by himself',
    patches: [
      {
        file: 'lib/engine/wake-up/postgres-wake-up.ts',
        find: 'for (const listener of this.listeners) listener();',
        replace: '',
      },
      {
        file: 'lib/engine/wake-up/postgres-wake-up.ts',
        find: 'private notify(payload: string): void {',
        replace: 'private notify(payload: string): void {\n    if (this.channel) return;',
      },
      { file: 'lib/engine/worker/claim-timer.ts', find: 'if (this.stopped) return;', replace: 'return;' },
    ],
    scenario: nothingWrong,
    caughtBy: [NEVER],
  },
  {
    name: 'an attempt is counted when a process is told to stop',
    patches: [
      {
        file: 'lib/engine/deliveries/settle.statements.ts',
        find: 'update ${names.delivery} d set worker = null, claimed_at = null, interruptions =',
        replace:
          'update ${names.delivery} d set attempts = d.attempts + c.interrupted, worker = null, claimed_at = null, interruptions =',
      },
    ],
    scenario: stoppedInTheMiddle,
    caughtBy: ['interrupted is not failed'],
  },
  {
    name: 'whose lock is missing right after a restart of the server is taken for dead',
    patches: [
      {
        file: 'lib/engine/liveness/protocol/peer-observer.ts',
        find: 'return this.connectedSince + Math.max(this.settings.restartGrace, grace);',
        replace: 'return 0 * grace;',
      },
    ],
    scenario: slowToReturn,
    caughtBy: ['only the silent are dead'],
  },
  {
    name: 'what a receiver writes is not part of its transaction',
    patches: [
      {
        file: 'lib/engine/worker/receiver-transaction.ts',
        find: 'const result = await work.do(queryRunner.manager);',
        replace: 'const result = await work.do(this.environment.database.dataSource.manager);',
      },
    ],
    scenario: nothingWrong,
    caughtBy: ['effects once'],
  },
  {
    name: 'events are emitted on another connection than that of the transaction',
    patches: [
      {
        file: 'lib/events/reliable-events.service.ts',
        find: 'const connection = await this.database.connectionOf(manager);',
        replace: 'const connection = this.database.connection; void manager;',
      },
    ],
    scenario: nothingWrong,
    caughtBy: ['nothing from a rollback'],
  },
  {
    name: 'jobs expire whatever the time is',
    patches: [
      {
        file: 'lib/jobs/store/job-transitions.ts',
        find: 'guard: `${PENDING} and j.expires_at <= p.clock`,\n    set: closing',
        replace: 'guard: PENDING,\n    set: closing',
      },
    ],
    scenario: jobsOnly,
    caughtBy: ['jobs expire in time'],
  },
  {
    name: 'jobs that are closed are closed again',
    patches: [
      {
        file: 'lib/jobs/store/job-transitions.ts',
        find: `complete: { action: 'completed', guard: PENDING,`,
        replace: `complete: { action: 'completed', guard: 'true',`,
      },
    ],
    scenario: jobsOnly,
    caughtBy: ['jobs are closed once'],
  },
  {
    name: 'a failed run counts as done',
    patches: [
      {
        file: 'lib/engine/worker/outcome-policy.ts',
        find: `return { kind: 'postponed', delay: storableDelay(delay), failure };`,
        replace: `return { kind: delay >= 0 ? 'acknowledged' : 'lost' };`,
      },
    ],
    scenario: nothingWrong,
    caughtBy: ['nothing lost'],
  },
  {
    name: 'what is held is claimed by others, too',
    patches: [
      { file: 'lib/engine/claiming/claim.statements.ts', find: 't.worker is null and t.version', replace: 't.version' },
    ],
    scenario: { ...nothingWrong, settings: { workers: 1, drainedWithin: 5_000 } },
    caughtBy: ['claimed once', 'one run at a time'],
  },
  {
    name: 'nobody is ever declared dead',
    patches: [
      {
        file: 'lib/engine/liveness/protocol/peer-observer.ts',
        find: 'return verdict !== undefined && verdict.at <= now ?',
        replace: 'return verdict !== undefined && verdict.at < -1 ?',
      },
    ],
    scenario: killedForGood,
    caughtBy: [NEVER],
  },
  {
    name: 'one crash makes a dead letter',
    patches: [
      {
        file: 'lib/engine/liveness/protocol/release.statements.ts',
        find: '($2 = 0 or taken.interruptions < $3::int4)',
        replace: '($2 = 0 or taken.interruptions < least($3::int4, 1))',
      },
      {
        file: 'lib/engine/liveness/protocol/release.statements.ts',
        find: '$2 = 1 and taken.interruptions >= $3::int4',
        replace: '$2 = 1 and taken.interruptions >= least($3::int4, 1)',
      },
    ],
    scenario: killedInTheMiddle,
    caughtBy: ['planned dead letters'],
  },
  {
    name: 'delayed deliveries are ready at once',
    patches: [
      {
        file: 'lib/engine/claiming/claim.statements.ts',
        find: "and due_at <= statement_timestamp() + $2 * interval '1 millisecond'",
        replace: "and due_at <= statement_timestamp() + ($2 + 3600000) * interval '1 millisecond'",
      },
      {
        file: 'lib/engine/claiming/claimer.ts',
        find: 'nextDueIn !== null && nextDueIn <= 0;',
        replace: 'nextDueIn !== null;',
      },
    ],
    scenario: nothingWrong,
    caughtBy: ['not before its time'],
  },
  {
    name: 'a claim whose answer got lost is forgotten',
    patches: [
      {
        file: 'lib/engine/liveness/protocol/claim-desk.ts',
        find: 'this.inDoubt ||= !(error instanceof SessionUnprovenError);',
        replace: 'void SessionUnprovenError;',
      },
    ],
    scenario: lostClaim,
    caughtBy: [NEVER],
  },
  {
    name: 'outcomes that could not be written are dropped',
    patches: [
      {
        file: 'lib/engine/worker/settlement.ts',
        find: 'await this.pause(pause);',
        replace: 'this.waiting = this.waiting.slice(batch.length); await this.pause(pause);',
      },
    ],
    scenario: cutOff,
    caughtBy: [NEVER],
  },
];
