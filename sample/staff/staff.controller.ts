import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';

import { type ActorJobs, JobQueries, JobsService } from '../../lib/index.js';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/access-tokens.js';
import { CurrentCaller } from '../auth/current-caller.decorator.js';
import { ParseIdPipe } from '../http/parse-id.pipe.js';
import { JobDetailsView } from '../job-api/job-details.view.js';
import { JobPageView } from '../job-api/job-page.view.js';
import { JobRoutes } from '../job-api/job-routes.decorator.js';
import { JobView } from '../job-api/job.view.js';
import { AssignInput, CancelInput, ClaimNextInput, CommentInput, CompleteInput, HistoryInput } from './staff.inputs.js';
import { filterOf, StaffFilterInput, StaffListInput } from './staff-list.input.js';
import { ClaimedView, FacetsView } from './staff.views.js';

const SUPPORT = 'role:support';

/** The queue of support: whatever has it among its candidates, of whatever type. Everything goes through the policy. */
@ApiTags('staff')
@Controller('staff/jobs')
@Access(SUPPORT)
@JobRoutes()
export class StaffController {
  constructor(
    private readonly jobs: JobsService,
    private readonly queries: JobQueries,
  ) {}

  /** One page of the queue. A page can be short although there is a next one: what the caller may not see is left out of it. */
  @Get()
  @ApiOkResponse({ type: JobPageView })
  async list(@Query() input: StaffListInput, @CurrentCaller() caller: Caller): Promise<JobPageView> {
    const { sort = input.status === 'pending' ? 'priority' : 'closed', after, limit } = input;
    return new JobPageView(
      await this.queries.as(caller).list(filterOf(input, SUPPORT, caller), { sort, after, limit }),
    );
  }

  /** How many jobs of the queue there are of each type, in each phase, and for each assignee. */
  @Get('facets')
  @ApiOkResponse({ type: FacetsView })
  async facets(@Query() input: StaffFilterInput, @CurrentCaller() caller: Caller): Promise<FacetsView> {
    return this.queries.as(caller).facets(['type', 'phase', 'assignee'], filterOf(input, SUPPORT, caller));
  }

  /** Takes the most urgent job nobody has; two people never get the same. A claim that is forgotten lapses after an hour. */
  @Post('next')
  @HttpCode(200)
  @ApiOkResponse({ type: ClaimedView })
  async next(@Body() { types }: ClaimNextInput, @CurrentCaller() caller: Caller): Promise<ClaimedView> {
    const job = await this.jobs.as(caller).claimNext({ lapsesIn: '1h', types });
    return { job: job === null ? null : new JobView(job) };
  }

  @Get(':id')
  @ApiOkResponse({ type: JobDetailsView })
  @ApiNotFoundResponse()
  async show(
    @Param('id', ParseIdPipe) id: string,
    @Query() { after }: HistoryInput,
    @CurrentCaller() caller: Caller,
  ): Promise<JobDetailsView> {
    const jobs = this.jobs.as(caller);
    return new JobDetailsView(await jobs.get(id), await jobs.history(id, { after }));
  }

  @Post(':id/claim')
  @HttpCode(200)
  @ApiOkResponse({ type: JobView })
  @ApiNotFoundResponse()
  async claim(@Param('id', ParseIdPipe) id: string, @CurrentCaller() caller: Caller): Promise<JobView> {
    return this.change(id, caller, (jobs) => jobs.claim(id, { lapsesIn: '1h' }));
  }

  @Post(':id/release')
  @HttpCode(200)
  @ApiOkResponse({ type: JobView })
  @ApiNotFoundResponse()
  async release(@Param('id', ParseIdPipe) id: string, @CurrentCaller() caller: Caller): Promise<JobView> {
    return this.change(id, caller, (jobs) => jobs.release(id));
  }

  @Post(':id/assign')
  @HttpCode(200)
  @ApiOkResponse({ type: JobView })
  @ApiNotFoundResponse()
  async assign(
    @Param('id', ParseIdPipe) id: string,
    @Body() { assignee }: AssignInput,
    @CurrentCaller() caller: Caller,
  ): Promise<JobView> {
    return this.change(id, caller, (jobs) => jobs.assign(id, assignee));
  }

  @Post(':id/comments')
  @HttpCode(200)
  @ApiOkResponse({ type: JobView })
  @ApiNotFoundResponse()
  async comment(
    @Param('id', ParseIdPipe) id: string,
    @Body() { text }: CommentInput,
    @CurrentCaller() caller: Caller,
  ): Promise<JobView> {
    return this.change(id, caller, (jobs) => jobs.comment(id, text));
  }

  @Post(':id/complete')
  @HttpCode(200)
  @ApiOkResponse({ type: JobView })
  @ApiNotFoundResponse()
  @ApiConflictResponse({ description: 'it was closed otherwise' })
  async complete(
    @Param('id', ParseIdPipe) id: string,
    @Body() { outcome, metadata, note }: CompleteInput,
    @CurrentCaller() caller: Caller,
  ): Promise<JobView> {
    return this.change(id, caller, (jobs) => jobs.complete(id, { outcome, metadata, note }));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOkResponse({ type: JobView })
  @ApiNotFoundResponse()
  @ApiConflictResponse({ description: 'it was completed' })
  async cancel(
    @Param('id', ParseIdPipe) id: string,
    @Body() { note }: CancelInput,
    @CurrentCaller() caller: Caller,
  ): Promise<JobView> {
    return this.change(id, caller, (jobs) => jobs.cancel(id, { note }));
  }

  /** Changes a job, and shows what it is then; a change that came too late shows what was faster. */
  private async change(id: string, caller: Caller, apply: (jobs: ActorJobs) => Promise<unknown>): Promise<JobView> {
    const jobs = this.jobs.as(caller);
    await apply(jobs);
    return new JobView(await jobs.get(id));
  }
}
