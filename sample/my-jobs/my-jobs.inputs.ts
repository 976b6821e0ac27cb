import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

import { OptionalWholeNumber } from '../http/list-inputs.js';
import { Text } from '../http/text.decorator.js';
import { USER_JOB_TYPE_NAMES, type UserJobTypeName } from './user-job-types.js';

export class CreateJobInput {
  @ApiProperty({ enum: USER_JOB_TYPE_NAMES, example: 'personal.follow-up' })
  @IsIn(USER_JOB_TYPE_NAMES)
  readonly type: UserJobTypeName;

  @Text({ max: 200, example: 'Call the printer about the invoice' })
  readonly title: string;

  @Text({ max: 2_000, optional: true })
  readonly details?: string;
}

export class MyListInput {
  @ApiProperty({ enum: ['open', 'closed'], required: false, default: 'open' })
  @IsOptional()
  @IsIn(['open', 'closed'])
  readonly status: 'open' | 'closed' = 'open';

  @Text({ max: 2_000, optional: true, description: '"next" of the page before' })
  readonly after?: string;

  @OptionalWholeNumber({ min: 1, max: 200, default: 50 })
  readonly limit: number = 50;
}
