import { applyDecorators, UseFilters } from '@nestjs/common';
import { ApiBadRequestResponse } from '@nestjs/swagger';

import { JobErrorFilter } from './job-error.filter.js';

/** What controllers of jobs share: refusals become answers. */
export function JobRoutes(): ClassDecorator {
  return applyDecorators(
    UseFilters(JobErrorFilter),
    ApiBadRequestResponse({ description: 'what is wrong with the input' }),
  );
}
