import { ApiProperty } from '@nestjs/swagger';

import type { Job, JobHistoryPage } from '../../lib/index.js';
import { JobHistoryView } from './job-history.view.js';
import { JobView } from './job.view.js';

/** A job and what happened to it. */
export class JobDetailsView extends JobView {
  @ApiProperty({ type: [JobHistoryView], description: 'oldest first' })
  readonly history: readonly JobHistoryView[];
  @ApiProperty({ type: String, nullable: true, description: '"after" of the rest of the history' })
  readonly moreHistory: string | null;

  constructor(job: Job, { entries, next }: JobHistoryPage) {
    super(job);
    this.history = entries.map((entry) => new JobHistoryView(entry));
    this.moreHistory = next;
  }
}
