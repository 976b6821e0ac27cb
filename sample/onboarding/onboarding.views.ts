import { ApiProperty } from '@nestjs/swagger';

import type { AgeColumn, FunnelFigures, FunnelStep, PendingOfType, StalledJob, StalledPage } from '../../lib/index.js';

/** How many accounts reached a step, and what became of them there. */
export class FunnelStepView implements FunnelStep {
  @ApiProperty({ example: 'onboarding.verify-email' })
  readonly type: string;
  @ApiProperty({ type: Number, nullable: true, example: 10 })
  readonly step: number | null;
  @ApiProperty({ description: 'done + here + expired + cancelled' })
  readonly reached: number;
  @ApiProperty()
  readonly done: number;
  @ApiProperty({ description: 'who stands there now' })
  readonly here: number;
  @ApiProperty({ description: 'who did not do it in time' })
  readonly expired: number;
  @ApiProperty({ description: 'who skipped it, or of whom it was no longer asked' })
  readonly cancelled: number;
  @ApiProperty({ type: Number, nullable: true, description: 'share of those done with the step before' })
  readonly fromPrevious: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'share of all who entered' })
  readonly overall: number | null;
}

/** The funnel of the onboarding. */
export class FunnelView implements FunnelFigures {
  @ApiProperty({ description: 'the moment the figures are of' })
  readonly at: Date;
  @ApiProperty({ example: 'onboarding' })
  readonly plan: string;
  @ApiProperty()
  readonly entered: number;
  @ApiProperty({ type: [FunnelStepView] })
  readonly steps: readonly FunnelStepView[];
  @ApiProperty({ type: [FunnelStepView], description: 'steps that are no longer part of the plan' })
  readonly removed: readonly FunnelStepView[];
}

/** How many accounts have stood at a step for a time, in hours. */
export class AgeColumnView {
  @ApiProperty({ example: 24 })
  readonly fromHours: number;
  @ApiProperty({ type: Number, nullable: true, example: 72, description: 'null in the last column' })
  readonly toHours: number | null;
  @ApiProperty()
  readonly count: number;

  constructor({ from, to, count }: AgeColumn) {
    this.fromHours = hours(from);
    this.toHours = to === null ? null : hours(to);
    this.count = count;
  }
}

/** For how many hours those who stand at a step have been there. */
export class StepAgesView {
  @ApiProperty({ example: 'onboarding.verify-email' })
  readonly type: string;
  @ApiProperty({ description: 'who stands there now' })
  readonly here: number;
  @ApiProperty({ type: Number, nullable: true, description: 'null where nobody stands' })
  readonly mean: number | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly median: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'nine of ten have been there for less' })
  readonly p90: number | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly oldest: number | null;
  @ApiProperty({ type: [AgeColumnView] })
  readonly columns: readonly AgeColumnView[];

  constructor({ type, count, age, columns }: PendingOfType) {
    this.type = type;
    this.here = count;
    this.mean = age && hours(age.mean);
    this.median = age && hours(age.p50);
    this.p90 = age && hours(age.p90);
    this.oldest = age && hours(age.oldest);
    this.columns = columns.map((column) => new AgeColumnView(column));
  }
}

/** An account that stands at a step for long. */
export class StalledAccountView {
  @ApiProperty({ example: '7' })
  readonly accountId: string;
  @ApiProperty({ example: 'onboarding.add-payment-method' })
  readonly type: string;
  @ApiProperty()
  readonly since: Date;
  @ApiProperty({ description: 'hours since then', example: 80 })
  readonly hours: number;

  constructor({ targetId, type, since, age }: StalledJob) {
    this.accountId = targetId;
    this.type = type;
    this.since = since;
    this.hours = Math.floor(hours(age));
  }
}

/** Accounts that stand at a step for long, the longest first. */
export class StalledView {
  @ApiProperty({ type: [StalledAccountView] })
  readonly accounts: readonly StalledAccountView[];
  @ApiProperty({ type: String, nullable: true, description: '"after" of the next page; null on the last' })
  readonly next: string | null;

  constructor({ jobs, next }: StalledPage) {
    this.accounts = jobs.map((job) => new StalledAccountView(job));
    this.next = next;
  }
}

function hours(milliseconds: number): number {
  return milliseconds / 3_600_000;
}
