import { ApiProperty } from '@nestjs/swagger';

import type { JobPage } from '../../lib/index.js';
import { JobView } from './job.view.js';

/** One page of a list. */
export class JobPageView {
  @ApiProperty({ type: [JobView] })
  readonly jobs: readonly JobView[];
  @ApiProperty({ type: String, nullable: true, description: '"after" of the next page; null on the last' })
  readonly next: string | null;

  constructor({ jobs, next }: JobPage) {
    this.jobs = jobs.map((job) => new JobView(job));
    this.next = next;
  }
}
