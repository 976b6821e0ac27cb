import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import { PostgresMaintenanceStore } from '../../lib/engine/maintenance/postgres-maintenance-store.js';
import { tableNames } from '../../lib/engine/schema/table-names.js';
import { EventLog, JobsModule, JobsService, JobSweeps, Retention } from '../../lib/index.js';
import { type Act, ACTING, type ActReport, ALWAYS, ReviewRefund } from '../support/acting-process.js';

// Does what it is told, once, and says how that ended, unless it is killed before.

const [url] = process.argv.slice(2);

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: url!, autoLoadEntities: true, applicationName: ACTING }),
    JobsModule.forRoot({ worker: false, sweep: false }),
  ],
  providers: [ReviewRefund],
})
class ActingModule {}

function report(kind: ActReport['kind']): void {
  process.send?.({ kind } satisfies ActReport);
}

async function main(): Promise<void> {
  // When the test that would kill it dies first.
  process.on('disconnect', () => process.exit());
  const application = await NestFactory.createApplicationContext(ActingModule, { logger: false });
  const actor = { actor: ACTING };
  const acts: { readonly [Kind in Act['kind']]: (act: Extract<Act, { kind: Kind }>) => Promise<unknown> } = {
    replay: ({ eventId }) => application.get(EventLog).replay(eventId, actor),
    'replay all': ({ receiver }) => application.get(EventLog).replaySpan({ ...actor, ...ALWAYS, receiver }),
    prune: () => application.get(Retention).prune({ ...actor, olderThan: '1d' }),
    purge: () =>
      new PostgresMaintenanceStore(new EngineDatabase(application.get(DataSource)), tableNames(), {
        offset: 0,
      }).purgeEvents(),
    expire: () => application.get(JobSweeps).expire(),
    'claim next': () => application.get(JobsService).claimNext({ by: `user:${ACTING}`, as: ['role:support'] }),
  };
  const carryOut = <Kind extends Act['kind']>(act: Extract<Act, { kind: Kind }>, kind: Kind): Promise<unknown> =>
    acts[kind](act);
  process.once('message', (act: Act) => {
    carryOut(act, act.kind).then(
      () => report('acted'),
      () => report('failed'),
    );
  });
  report('ready');
}

void main();
