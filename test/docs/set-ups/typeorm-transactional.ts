import { Injectable, Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import {
  addTransactionalDataSource,
  initializeTransactionalContext,
  StorageDriver,
  Transactional,
} from 'typeorm-transactional';
import { InjectReliableEvents, JobsModule, type ReliableEvents } from '../../../lib/index.js';
import { Heard, InvoicePaid } from './orders.js';

const database = { type: 'postgres', autoLoadEntities: true, synchronize: true } as const;

// #region service
@Injectable()
export class Invoices {
  constructor(@InjectReliableEvents('billing') private readonly events: ReliableEvents) {}

  @Transactional({ connectionName: 'billing' })
  async pay(invoiceId: string): Promise<void> {
    await this.events.emit(new InvoicePaid(invoiceId)); // joins the transaction of the method
  }
}
// #endregion

// #region module
initializeTransactionalContext({ storageDriver: StorageDriver.ASYNC_LOCAL_STORAGE });

const transactional = (name: string, options: TypeOrmModuleOptions) =>
  TypeOrmModule.forRootAsync({
    name,
    useFactory: () => options,
    dataSourceFactory: async (given) => addTransactionalDataSource({ name, dataSource: new DataSource(given!) }),
  });

@Module({
  imports: [
    transactional('default', { ...database, url: process.env['DATABASE_URL'] }),
    transactional('billing', { ...database, url: process.env['BILLING_URL'] }),
    JobsModule.forRoot(), // needs no transactionManager
    JobsModule.forRoot({ dataSource: 'billing' }),
  ],
  providers: [Invoices, Heard],
})
export class AppModule {}
// #endregion
