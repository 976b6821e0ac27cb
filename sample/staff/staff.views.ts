import { ApiProperty } from '@nestjs/swagger';

import { JobView } from '../job-api/job.view.js';

/** The job that somebody took. */
export class ClaimedView {
  @ApiProperty({ type: JobView, nullable: true, description: 'null when there is nothing to do' })
  readonly job: JobView | null;
}

/** How many jobs have a value. */
export class FacetCountView {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'payments.reconcile',
    description: 'null for those without any',
  })
  readonly value: string | null;
  @ApiProperty({ example: 2 })
  readonly count: number;
}

/** Values by which the queue can be cut, the most frequent first. */
export class FacetListsView {
  @ApiProperty({ type: [FacetCountView] })
  readonly type: readonly FacetCountView[];
  @ApiProperty({ type: [FacetCountView] })
  readonly phase: readonly FacetCountView[];
  @ApiProperty({ type: [FacetCountView] })
  readonly assignee: readonly FacetCountView[];
}

/** What the queue is made of. */
export class FacetsView {
  @ApiProperty({ type: FacetListsView })
  readonly facets: FacetListsView;
  @ApiProperty({ description: 'how many jobs were counted' })
  readonly counted: number;
  @ApiProperty({ description: 'whether there are more jobs than that' })
  readonly capped: boolean;
}
