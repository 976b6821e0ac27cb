import { Module } from '@nestjs/common';

import { AccountsModule } from '../accounts/accounts.module.js';
import { DemoData } from './demo-data.js';

/** Something to look at. Nobody imports it but the whole. */
@Module({ imports: [AccountsModule], providers: [DemoData], exports: [DemoData] })
export class DemoDataModule {}
