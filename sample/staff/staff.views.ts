import { ApiProperty } from '@nestjs/swagger';

import { JobView } from '../job-api/job.view.js';

/** The job that somebody took. */
export class ClaimedView {
  @ApiProperty({ type: JobView, nullable: true, description: 'null when there is nothing to do' })
  readonly job: JobView | null;
}
