import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { Account } from './account.entity.js';
import { AccountsService } from './accounts.service.js';
import { AccountsController } from './http/accounts.controller.js';
import { Invitation } from './invitation.entity.js';

/** Accounts, at the low level: they know no job and no plan. */
@Module({
  imports: [TypeOrmModule.forFeature([Account, Invitation])],
  controllers: [AccountsController],
  providers: [AccountsService],
  exports: [AccountsService],
})
export class AccountsModule {}
