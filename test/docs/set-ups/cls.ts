import { Injectable, Module } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { ClsPluginTransactional, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { ClsModule } from 'nestjs-cls';
import { InjectReliableEvents, JobsModule, type ReliableEvents } from '../../../lib/index.js';
import { Heard, InvoicePaid } from './orders.js';

const database = { type: 'postgres', autoLoadEntities: true, synchronize: true } as const;

// #region service
@Injectable()
export class Invoices {
  constructor(@InjectReliableEvents('billing') private readonly events: ReliableEvents) {}

  @Transactional('billing')
  async pay(invoiceId: string): Promise<void> {
    await this.events.emit(new InvoicePaid(invoiceId)); // joins the transaction of the method
  }
}
// #endregion

// #region module
const transactionsOf = (name = 'default') =>
  new ClsPluginTransactional({
    ...(name === 'default' ? {} : { connectionName: name }),
    imports: [TypeOrmModule],
    adapter: new TransactionalAdapterTypeOrm({ dataSourceToken: getDataSourceToken(name) as string }),
  });

@Module({
  imports: [
    TypeOrmModule.forRoot({ ...database, url: process.env['DATABASE_URL'] }),
    TypeOrmModule.forRoot({ ...database, url: process.env['BILLING_URL'], name: 'billing' }),
    ClsModule.forRoot({ global: true, plugins: [transactionsOf(), transactionsOf('billing')] }),
    JobsModule.forRoot({ transactionManager: () => TransactionHost.getInstance<TransactionalAdapterTypeOrm>().tx }),
    JobsModule.forRoot({
      dataSource: 'billing',
      transactionManager: () => TransactionHost.getInstance<TransactionalAdapterTypeOrm>('billing').tx,
    }),
  ],
  providers: [Invoices, Heard],
})
export class AppModule {}
// #endregion
