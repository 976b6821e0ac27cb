import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

import { Email } from '../../http/email.decorator.js';
import { Text } from '../../http/text.decorator.js';

export class SignUpInput {
  @Email('ann@example.com')
  readonly email: string;
}

export class VerifyEmailInput {
  @ApiProperty({ pattern: '^\\d{6}$', example: '042317' })
  @Matches(/^\d{6}$/, { message: 'code must be the six digits of the mail' })
  readonly code: string;
}

export class CompanyInput {
  @Text({ max: 100, example: 'Analytical Engines Ltd' })
  readonly name: string;
}

export class PaymentMethodInput {
  @ApiProperty({ pattern: '^\\d{4}$', example: '4242' })
  @Matches(/^\d{4}$/, { message: 'lastFour must be the last four digits of the card' })
  readonly lastFour: string;
}

export class InvitationInput {
  @Email('bob@example.com')
  readonly email: string;
}
