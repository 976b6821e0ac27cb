import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';

import type { JobFilter, JobSort, JobStatus, Principal } from '../../lib/index.js';
import type { Caller } from '../auth/access-tokens.js';
import { OptionalFlag, OptionalWholeNumber } from '../http/list-inputs.js';
import { Text, Texts } from '../http/text.decorator.js';

const STATUSES: readonly JobStatus[] = ['pending', 'completed', 'cancelled'];
const SORTS: readonly JobSort[] = ['priority', 'due', 'newest', 'oldest', 'closed'];
const SOMEBODY = /^[a-z]+:[a-z0-9-]{1,40}$/;

/** Which jobs of the queue. */
export class StaffFilterInput {
  @Texts({
    max: 100,
    optional: true,
    example: ['payments.reconcile'],
    description: 'names of types; repeat for several',
  })
  readonly type?: readonly string[];

  @ApiProperty({ enum: STATUSES, required: false, default: 'pending' })
  @IsOptional()
  @IsIn(STATUSES)
  readonly status: JobStatus = 'pending';

  @ApiProperty({ required: false, pattern: SOMEBODY.source, example: 'user:bob' })
  @IsOptional()
  @Matches(SOMEBODY, { message: 'assignee must be somebody, such as user:bob' })
  readonly assignee?: Principal;

  @OptionalFlag('only what the caller has claimed or was assigned')
  readonly mine?: boolean;

  @OptionalFlag('whether nobody is assigned')
  readonly unassigned?: boolean;

  @OptionalFlag('whether it should have been done by now')
  readonly overdue?: boolean;

  @OptionalWholeNumber({ min: 1, max: 1_000_000, description: 'requested at least this often' })
  readonly occurrences?: number;
}

/** Which of them, in which order, from where on. */
export class StaffListInput extends StaffFilterInput {
  @ApiProperty({ enum: SORTS, required: false, description: 'priority unless given, or closed for closed jobs' })
  @IsOptional()
  @IsIn(SORTS)
  readonly sort?: JobSort;

  @Text({ max: 2_000, optional: true, description: '"next" of the page before' })
  readonly after?: string;

  @OptionalWholeNumber({ min: 1, max: 200, default: 50 })
  readonly limit: number = 50;
}

/** What the input asks for. Pending jobs are looked up by their candidates; whether a closed one may be seen the policy says. */
export function filterOf(input: StaffFilterInput, role: Principal, { id }: Caller): JobFilter {
  const { type, status, assignee, mine, unassigned, overdue, occurrences } = input;
  return {
    types: type,
    status,
    assignee,
    unassigned,
    overdue,
    occurrences,
    ...(status === 'pending' ? { candidate: role } : {}),
    ...(mine === true ? { or: [{ assignee: id }, { claimedBy: id }] } : {}),
  };
}
