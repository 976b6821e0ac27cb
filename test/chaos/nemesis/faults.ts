import type { FaultKind } from './fault.js';
import { BlockLoop } from './faults/block-loop.fault.js';
import { CutConnections } from './faults/cut-connections.fault.js';
import { Deploy } from './faults/deploy.fault.js';
import { ExhaustPool } from './faults/exhaust-pool.fault.js';
import { Freeze } from './faults/freeze.fault.js';
import { FreezePastLease } from './faults/freeze-past-lease.fault.js';
import { HalfOpenConnections } from './faults/half-open-connections.fault.js';
import { HoldHorizonByReader, HoldHorizonByWriter } from './faults/hold-horizon.fault.js';
import { Kill } from './faults/kill.fault.js';
import { LoseAnswers } from './faults/lose-answers.fault.js';
import { RestartServer } from './faults/restart-server.fault.js';
import { ShiftClock } from './faults/shift-clock.fault.js';
import { SlowAnswers } from './faults/slow-answers.fault.js';
import { TerminateBackends } from './faults/terminate-backends.fault.js';
import { TwoMigrations } from './faults/two-migrations.fault.js';

/** Everything that goes wrong. */
export const faults: readonly FaultKind[] = [
  { create: Kill, weight: 6, lasts: [0, 3_000] },
  { create: Freeze, weight: 2, lasts: [200, 12_000] },
  { create: FreezePastLease, weight: 1, lasts: [62_000, 75_000], rest: 120_000 },
  { create: RestartServer, weight: 1, lasts: [0, 0], rest: 25_000 },
  { create: TerminateBackends, weight: 2, lasts: [0, 0] },
  { create: CutConnections, weight: 2, lasts: [0, 4_000] },
  { create: HalfOpenConnections, weight: 1, lasts: [500, 8_000] },
  { create: SlowAnswers, weight: 1, lasts: [1_000, 6_000] },
  { create: LoseAnswers, weight: 3, lasts: [1_000, 5_000] },
  { create: ExhaustPool, weight: 1, lasts: [4_000, 4_000] },
  { create: HoldHorizonByReader, weight: 1, lasts: [3_000, 20_000] },
  { create: HoldHorizonByWriter, weight: 1, lasts: [3_000, 20_000] },
  { create: ShiftClock, weight: 1, lasts: [2_000, 15_000] },
  { create: BlockLoop, weight: 2, lasts: [6_000, 6_000] },
  { create: Deploy, weight: 3, lasts: [0, 0] },
  { create: TwoMigrations, weight: 1, lasts: [1_000, 6_000], rest: 40_000 },
];
