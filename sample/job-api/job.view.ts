import { ApiProperty } from '@nestjs/swagger';

import type { Job } from '../../lib/index.js';

/** What a job is about. */
export class TargetView {
  @ApiProperty({ example: 'Payment', description: 'empty when it is about nothing' })
  readonly type: string;
  @ApiProperty({ example: '7' })
  readonly id: string;
}

/** A job as people see it. */
export class JobView {
  @ApiProperty({ example: '1' })
  readonly id: string;
  @ApiProperty({ example: 'payments.reconcile' })
  readonly type: string;
  @ApiProperty({ enum: ['pending', 'completed', 'cancelled'] })
  readonly status: Job['status'];
  @ApiProperty({ type: String, nullable: true })
  readonly closeReason: Job['closeReason'];
  @ApiProperty({ type: String, nullable: true })
  readonly outcome: string | null;
  @ApiProperty({ type: TargetView })
  readonly target: TargetView;
  @ApiProperty({ type: String, nullable: true })
  readonly assignee: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly claimedBy: string | null;
  @ApiProperty()
  readonly priority: number;
  @ApiProperty({ description: 'how often it was requested while it was pending' })
  readonly requestCount: number;
  @ApiProperty({ type: 'object', additionalProperties: true })
  readonly metadata: Readonly<Record<string, unknown>>;
  @ApiProperty()
  readonly createdAt: Date;
  @ApiProperty({ type: Date, nullable: true })
  readonly dueAt: Date | null;
  @ApiProperty({ type: Date, nullable: true })
  readonly expiresAt: Date | null;
  @ApiProperty({ type: Date, nullable: true })
  readonly closedAt: Date | null;

  constructor(job: Job) {
    this.id = job.id;
    this.type = job.type;
    this.status = job.status;
    this.closeReason = job.closeReason;
    this.outcome = job.outcome;
    this.target = { type: job.targetType, id: job.targetId };
    this.assignee = job.assignee;
    this.claimedBy = job.claimedBy;
    this.priority = job.priority;
    this.requestCount = job.requestCount;
    this.metadata = job.metadata;
    this.createdAt = job.createdAt;
    this.dueAt = job.dueAt;
    this.expiresAt = job.expiresAt;
    this.closedAt = job.closedAt;
  }
}
