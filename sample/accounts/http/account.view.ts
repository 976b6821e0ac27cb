import { ApiProperty } from '@nestjs/swagger';

import type { Account } from '../account.entity.js';

/** An account as its owner sees it. */
export class AccountView {
  @ApiProperty({ example: '1' })
  readonly id: string;
  @ApiProperty()
  readonly email: string;
  @ApiProperty()
  readonly emailVerified: boolean;
  @ApiProperty({ type: String, nullable: true })
  readonly company: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'last four digits of the card' })
  readonly paymentMethod: string | null;

  constructor({ id, email, emailVerified, company, paymentMethod }: Account) {
    this.id = id;
    this.email = email;
    this.emailVerified = emailVerified;
    this.company = company;
    this.paymentMethod = paymentMethod;
  }
}

/** What somebody gets who signs up. */
export class SignedUpView {
  @ApiProperty({ type: AccountView })
  readonly account: AccountView;
  @ApiProperty({ description: 'for the header "authorization: Bearer …"' })
  readonly token: string;
  @ApiProperty({ description: 'stands in for the mail, which the sample does not send' })
  readonly verificationCode: string;
}
