import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';

import { JobInsight } from '../../lib/index.js';
import { Access } from '../auth/access.decorator.js';
import { JobRoutes } from '../job-api/job-routes.decorator.js';
import { ONBOARDING } from './onboarding-plan.js';
import { FunnelView, StalledView, StepAgesView } from './onboarding.views.js';
import { StalledInput } from './stalled.input.js';

/** Where accounts stall on their way into the product. */
@ApiTags('onboarding')
@Controller('onboarding')
@Access('role:support')
@JobRoutes()
export class OnboardingController {
  constructor(private readonly insight: JobInsight) {}

  @Get('funnel')
  @ApiOkResponse({ type: FunnelView })
  async funnel(): Promise<FunnelView> {
    return this.insight.funnel(ONBOARDING);
  }

  /** For how long those who stand at each step have been there, those removed from the plan last. */
  @Get('ages')
  @ApiOkResponse({ type: [StepAgesView] })
  async ages(): Promise<readonly StepAgesView[]> {
    const { steps, removed } = await this.insight.funnel(ONBOARDING);
    const names = [...steps, ...removed].map(({ type }) => type);
    const { types } = await this.insight.pending({ types: names });
    return types
      .map((pending) => new StepAgesView(pending))
      .sort((one, other) => names.indexOf(one.type) - names.indexOf(other.type));
  }

  /** Whom one could ask what is in their way. */
  @Get('stalled')
  @ApiOkResponse({ type: StalledView })
  async stalled(@Query() { days, after, limit }: StalledInput): Promise<StalledView> {
    return new StalledView(await this.insight.stalled({ plan: ONBOARDING, olderThan: `${days}d`, after, limit }));
  }
}
