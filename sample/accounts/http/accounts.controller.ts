import { Body, Controller, Get, HttpCode, Post, Put, UseFilters } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';

import { Access } from '../../auth/access.decorator.js';
import { AccessTokens } from '../../auth/access-tokens.js';
import { AccountsService } from '../accounts.service.js';
import { AccountErrorFilter } from './account-error.filter.js';
import { CompanyInput, InvitationInput, PaymentMethodInput, SignUpInput, VerifyEmailInput } from './account.inputs.js';
import { AccountView, SignedUpView } from './account.view.js';
import { CurrentAccount } from './current-account.decorator.js';

/** What somebody does with their own account. No route takes the id of one. */
@ApiTags('accounts')
@Controller('accounts')
@UseFilters(AccountErrorFilter)
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly tokens: AccessTokens,
  ) {}

  @Post()
  @ApiCreatedResponse({ type: SignedUpView })
  async signUp(@Body() { email }: SignUpInput): Promise<SignedUpView> {
    const account = await this.accounts.signUp(email);
    const { id, verificationCode } = account;
    return { account: new AccountView(account), token: this.tokens.issue(`user:${id}`), verificationCode };
  }

  @Get('me')
  @Access()
  @ApiOkResponse({ type: AccountView })
  async me(@CurrentAccount() id: string): Promise<AccountView> {
    return new AccountView(await this.accounts.get(id));
  }

  @Post('me/email-verification')
  @HttpCode(200)
  @Access()
  @ApiOkResponse({ type: AccountView })
  async verifyEmail(@CurrentAccount() id: string, @Body() { code }: VerifyEmailInput): Promise<AccountView> {
    return new AccountView(await this.accounts.verifyEmail(id, code));
  }

  @Put('me/company')
  @Access()
  @ApiOkResponse({ type: AccountView })
  async nameCompany(@CurrentAccount() id: string, @Body() { name }: CompanyInput): Promise<AccountView> {
    return new AccountView(await this.accounts.nameCompany(id, name));
  }

  @Put('me/payment-method')
  @Access()
  @ApiOkResponse({ type: AccountView })
  async addPaymentMethod(@CurrentAccount() id: string, @Body() { lastFour }: PaymentMethodInput): Promise<AccountView> {
    return new AccountView(await this.accounts.addPaymentMethod(id, lastFour));
  }

  @Post('me/invitations')
  @HttpCode(200)
  @Access()
  @ApiOkResponse({ type: AccountView })
  async invite(@CurrentAccount() id: string, @Body() { email }: InvitationInput): Promise<AccountView> {
    return new AccountView(await this.accounts.inviteColleague(id, email));
  }
}
