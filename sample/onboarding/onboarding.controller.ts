import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';

import { JobInsight } from '../../lib/index.js';
import { Access } from '../auth/access.decorator.js';
import { JobRoutes } from '../job-api/job-routes.decorator.js';
import { ONBOARDING } from './onboarding-plan.js';
import { FunnelView, StalledView } from './onboarding.views.js';
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

  /** Whom one could ask what is in their way. */
  @Get('stalled')
  @ApiOkResponse({ type: StalledView })
  async stalled(@Query() { days, after, limit }: StalledInput): Promise<StalledView> {
    return new StalledView(await this.insight.stalled({ plan: ONBOARDING, olderThan: `${days}d`, after, limit }));
  }
}
