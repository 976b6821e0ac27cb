import { ApiProperty } from '@nestjs/swagger';
import { IsObject, IsOptional, Matches } from 'class-validator';

import { Text, Texts } from '../http/text.decorator.js';

const MOST_OF_A_COMMENT = 4_000;
const STAFF = /^user:[a-z][a-z0-9-]{0,39}$/;

export class ClaimNextInput {
  @Texts({ max: 100, optional: true, example: ['payments.reconcile'], description: 'any unless given' })
  readonly types?: readonly string[];
}

export class AssignInput {
  @ApiProperty({ example: 'user:bob', pattern: STAFF.source })
  @Matches(STAFF, { message: 'assignee must be somebody of staff, such as user:bob' })
  readonly assignee: `user:${string}`;
}

export class CommentInput {
  @Text({ max: MOST_OF_A_COMMENT, example: 'I called the provider.' })
  readonly text: string;
}

export class CompleteInput {
  @Text({ max: 100, optional: true, example: 'provider-was-wrong', description: 'one of those the type of job knows' })
  readonly outcome?: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    selfRequired: false,
    description: 'added to the metadata',
  })
  @IsOptional()
  @IsObject()
  readonly metadata?: Record<string, unknown>;

  @Text({ max: MOST_OF_A_COMMENT, optional: true })
  readonly note?: string;
}

export class CancelInput {
  @Text({ max: MOST_OF_A_COMMENT, optional: true, example: 'Nobody will ever know.' })
  readonly note?: string;
}

export class HistoryInput {
  @ApiProperty({ required: false, description: '"moreHistory" of the answer before' })
  @IsOptional()
  @Matches(/^\d{1,18}$/, { message: 'after must be what an answer gave as moreHistory' })
  readonly after?: string;
}
