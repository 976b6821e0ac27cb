import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';

import { type JobFilter, JobQueries, JobsService } from '../../lib/index.js';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/access-tokens.js';
import { CurrentCaller } from '../auth/current-caller.decorator.js';
import { ParseIdPipe } from '../http/parse-id.pipe.js';
import { JobDetailsView } from '../job-api/job-details.view.js';
import { JobPageView } from '../job-api/job-page.view.js';
import { JobRoutes } from '../job-api/job-routes.decorator.js';
import { JobView } from '../job-api/job.view.js';
import { FollowUp } from './follow-up.js';
import { CreateJobInput, MyListInput } from './my-jobs.inputs.js';
import { BadgeView } from './my-jobs.views.js';
import { USER_JOB_TYPES } from './user-job-types.js';

const MOST_ON_A_BADGE = 99;
const ORDERS = {
  open: { sort: 'priority', statuses: ['pending'] },
  closed: { sort: 'closed', statuses: ['completed', 'cancelled'] },
} as const;

/** Assigned to somebody, or taken by them. */
function ownJobs({ id }: Caller): readonly JobFilter[] {
  return [{ assignee: id }, { claimedBy: id }];
}

/** A user's own list. Whose it is the token says; the policy is asked about each job, so that no id opens somebody else's. */
@ApiTags('my jobs')
@Controller('me/jobs')
@Access()
@JobRoutes()
export class MyJobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly queries: JobQueries,
  ) {}

  /** What is to be done, the most urgent first, or what was closed, the last first. */
  @Get()
  @ApiOkResponse({ type: JobPageView })
  async list(@Query() { status, after, limit }: MyListInput, @CurrentCaller() caller: Caller): Promise<JobPageView> {
    const { sort, statuses } = ORDERS[status];
    const filter = { status: statuses, or: ownJobs(caller) };
    return new JobPageView(await this.queries.as(caller).list(filter, { sort, after, limit }));
  }

  /** The number beside the list. */
  @Get('badge')
  @ApiOkResponse({ type: BadgeView })
  async badge(@CurrentCaller() caller: Caller): Promise<BadgeView> {
    const queries = this.queries.as(caller);
    const open = { status: 'pending', or: ownJobs(caller) } as const;
    const [all, overdue] = await Promise.all([
      queries.count(open, { limit: MOST_ON_A_BADGE }),
      queries.count({ ...open, overdue: true }, { limit: MOST_ON_A_BADGE }),
    ]);
    return { open: all.count, more: all.capped, overdue: overdue.count };
  }

  /** Creates a job of a type that is open to users. The same title again, while the first is open, is the same job. */
  @Post()
  @ApiCreatedResponse({ type: JobView })
  async create(@Body() { type, title, details }: CreateJobInput, @CurrentCaller() caller: Caller): Promise<JobView> {
    const jobType = USER_JOB_TYPES[type];
    const { job } = await this.jobs.as(caller).request(jobType, {
      target: { type: 'Person', id: caller.id },
      key: title.trim(),
      metadata: { title, details },
      ...(jobType === FollowUp ? { assignee: caller.id } : {}),
    });
    return new JobView(job);
  }

  @Get(':id')
  @ApiOkResponse({ type: JobDetailsView })
  @ApiNotFoundResponse({ description: 'none of yours' })
  async show(@Param('id', ParseIdPipe) id: string, @CurrentCaller() caller: Caller): Promise<JobDetailsView> {
    const jobs = this.jobs.as(caller);
    return new JobDetailsView(await jobs.get(id), await jobs.history(id));
  }

  @Post(':id/complete')
  @HttpCode(200)
  @ApiOkResponse({ type: JobView })
  @ApiNotFoundResponse({ description: 'none of yours' })
  async complete(@Param('id', ParseIdPipe) id: string, @CurrentCaller() caller: Caller): Promise<JobView> {
    const jobs = this.jobs.as(caller);
    await jobs.complete(id);
    return new JobView(await jobs.get(id));
  }

  /** For what need not be done, such as a step of the onboarding that may be skipped. */
  @Post(':id/skip')
  @HttpCode(200)
  @ApiOkResponse({ type: JobView })
  @ApiNotFoundResponse({ description: 'none of yours' })
  async skip(@Param('id', ParseIdPipe) id: string, @CurrentCaller() caller: Caller): Promise<JobView> {
    const jobs = this.jobs.as(caller);
    await jobs.skip(id);
    return new JobView(await jobs.get(id));
  }
}
