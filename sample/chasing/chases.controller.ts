import { Body, Controller, Get, HttpCode, Param, Post, UseFilters } from '@nestjs/common';

import { type Job, type JobActor, JobsService } from '../../lib/index.js';
import { ParseIdPipe } from '../http/parse-id.pipe.js';
import { ChasePayment } from './chase-payment.js';
import { CurrentActor } from './current-actor.decorator.js';
import { JobErrorFilter } from './job-error.filter.js';

/** A chase as support sees it. */
export interface ChaseView {
  readonly id: string;
  readonly status: Job['status'];
  readonly closeReason: Job['closeReason'];
  readonly paymentId: string;
  readonly claimedBy: string | null;
  readonly expiresAt: Date | null;
  readonly about: unknown;
}

/** Where support works. Everything goes through `jobs.as(actor)`, and so through the policy. */
@Controller('chases')
@UseFilters(JobErrorFilter)
export class ChasesController {
  constructor(private readonly jobs: JobsService) {}

  /** Takes the most urgent chase nobody has; two people never get the same. */
  @Post('next')
  @HttpCode(200)
  async next(@CurrentActor() actor: JobActor): Promise<{ chase: ChaseView | null }> {
    const job = await this.jobs.as(actor).claimNext({ types: [ChasePayment], lapsesIn: '1h' });
    return { chase: job === null ? null : toView(job) };
  }

  @Get(':id')
  async find(@Param('id', ParseIdPipe) id: string, @CurrentActor() actor: JobActor): Promise<ChaseView> {
    return toView(await this.jobs.as(actor).get(id));
  }

  @Post(':id/comments')
  @HttpCode(200)
  async comment(
    @Param('id', ParseIdPipe) id: string,
    @Body('text') text: string,
    @CurrentActor() actor: JobActor,
  ): Promise<ChaseView> {
    await this.jobs.as(actor).comment(id, text);
    return this.find(id, actor);
  }

  @Post(':id/release')
  @HttpCode(200)
  async release(@Param('id', ParseIdPipe) id: string, @CurrentActor() actor: JobActor): Promise<ChaseView> {
    await this.jobs.as(actor).release(id);
    return this.find(id, actor);
  }

  @Post(':id/give-up')
  @HttpCode(200)
  async giveUp(@Param('id', ParseIdPipe) id: string, @CurrentActor() actor: JobActor): Promise<ChaseView> {
    await this.jobs.as(actor).cancel(id);
    return this.find(id, actor);
  }
}

function toView({ id, status, closeReason, targetId, claimedBy, expiresAt, metadata }: Job): ChaseView {
  return { id, status, closeReason, paymentId: targetId, claimedBy, expiresAt, about: metadata };
}
