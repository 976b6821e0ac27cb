import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';

import { MetricsService } from './metrics.service.js';

@ApiTags('analytics')
@Controller('analytics')
export class AnalyticsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  async all(): Promise<Record<string, number>> {
    return this.metrics.all();
  }
}
