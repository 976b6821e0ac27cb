import { Injectable } from '@nestjs/common';
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, DeleteDateColumn, Entity, PrimaryColumn } from 'typeorm';
import { JobRemovals, JobTargetSubscriber, JobType, OnJobCancelled, type Job } from '../../lib/index.js';
import { RunningJobs } from '../support/running-jobs.js';

@Entity()
class Account {
  @PrimaryColumn('bigint')
  id!: string;
  @Column('text')
  name!: string;
  @DeleteDateColumn()
  deletedAt?: Date;
}

@Entity()
class Note {
  @PrimaryColumn('text')
  id!: string;
}

@JobType('account.verify', { target: Account })
class VerifyAccount {}

@JobType('account.welcome', { target: Account })
class Welcome {}

@JobType('note.read', { target: Note })
class ReadNote {}

@JobType('elsewhere.check')
class CheckElsewhere {}

@Injectable()
class AccountJobs extends JobTargetSubscriber<Account> {
  constructor(@InjectDataSource() dataSource: DataSource, removals: JobRemovals) {
    super(dataSource, removals, Account);
  }
}

const cancelled: string[] = [];

@Injectable()
class Ears {
  @OnJobCancelled({ id: 'ears' })
  hear({ type, closeReason }: Job): void {
    cancelled.push(`${type} ${closeReason ?? ''}`);
  }
}

describe('The jobs of a target that is deleted', () => {
  let fixture: RunningJobs;
  let dataSource: DataSource;
  const errors: unknown[] = [];

  beforeAll(async () => {
    fixture = await RunningJobs.start(
      {
        imports: [TypeOrmModule.forFeature([Account, Note])],
        providers: [VerifyAccount, Welcome, ReadNote, CheckElsewhere, AccountJobs, Ears],
      },
      { onError: (error) => errors.push(error) },
    );
    dataSource = fixture.application.dataSource;
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    await fixture.reset();
    await fixture.rows('truncate account, note');
    cancelled.length = 0;
    errors.length = 0;
  });

  const save = (id: string): Promise<Account> =>
    dataSource.manager.save(dataSource.manager.create(Account, { id, name: 'Ada' }));
  const gone = { status: 'cancelled', close_reason: 'target-gone', closed_by: 'system' };
  const pending = { status: 'pending' };

  it('are cancelled with it, of whatever type and tenant, and told', async () => {
    const account = await save('1');
    await save('2');
    await fixture.jobs.request(VerifyAccount, { target: account });
    await fixture.jobs.request(Welcome, { target: account, tenant: 'north' });
    await fixture.jobs.request(VerifyAccount, { target: '2' });
    await dataSource.manager.remove(account);
    await fixture.application.drained();
    expect(await fixture.of('1')).toEqual([expect.objectContaining(gone), expect.objectContaining(gone)]);
    expect(await fixture.of('2')).toEqual([expect.objectContaining(pending)]);
    expect([...cancelled].sort()).toEqual(['account.verify target-gone', 'account.welcome target-gone']);
  });

  it('are cancelled when it is removed softly', async () => {
    const account = await save('1');
    await fixture.jobs.request(VerifyAccount, { target: account });
    await dataSource.manager.softRemove(account);
    expect(await fixture.of('1')).toEqual([expect.objectContaining(gone)]);
  });

  it('stay when the deletion is rolled back', async () => {
    const account = await save('1');
    await fixture.jobs.request(VerifyAccount, { target: account });
    await expect(
      dataSource.transaction(async (manager) => {
        await manager.remove(account);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await fixture.of('1')).toEqual([expect.objectContaining(pending)]);
  });

  it('stay as they are when they are closed', async () => {
    const account = await save('1');
    await fixture.jobs.request(VerifyAccount, { target: account });
    await fixture.jobs.complete(VerifyAccount, { target: account });
    await dataSource.manager.remove(account);
    expect(await fixture.of('1')).toEqual([expect.objectContaining({ status: 'completed', close_reason: 'done' })]);
  });

  it('can be cancelled by hand, in a transaction', async () => {
    const account = await save('1');
    await fixture.jobs.request(VerifyAccount, { target: account });
    const removals = fixture.application.context.get(JobRemovals, { strict: false });
    const count = await dataSource.transaction(async (manager) => {
      await manager.delete(Account, { id: '1' });
      return removals.cancelJobsOf({ type: 'Account', id: '1' }, { manager });
    });
    expect(count).toBe(1);
    expect(await fixture.of('1')).toEqual([expect.objectContaining(gone)]);
  });

  describe('past the entity manager', () => {
    /** What was requested a moment ago may be about something that is still to be committed. */
    const later = (): void => void (fixture.clock.offset = 61_000);

    it('are found by the sweep', async () => {
      await save('1');
      await save('2');
      for (const id of ['1', '2']) await fixture.jobs.request(VerifyAccount, { target: id });
      await fixture.rows('delete from account where id = 1');
      later();
      expect((await fixture.sweeps.run()).targetGone).toBe(1);
      expect((await fixture.sweeps.run()).targetGone).toBe(0);
      expect(await fixture.of('1')).toEqual([expect.objectContaining(gone)]);
      expect(await fixture.of('2')).toEqual([expect.objectContaining(pending)]);
    });

    it('stay for a minute, as their target may be on its way', async () => {
      await fixture.jobs.request(VerifyAccount, { target: '1' });
      expect((await fixture.sweeps.run()).targetGone).toBe(0);
    });

    it('stay when they are about nothing, or something that this data source does not know', async () => {
      await fixture.jobs.request(CheckElsewhere);
      await fixture.jobs.request(CheckElsewhere, { target: { type: 'Planet', id: 'mars' } });
      later();
      expect((await fixture.sweeps.run()).targetGone).toBe(0);
    });

    it('are found beside one whose id no row could have', async () => {
      await fixture.rows(
        `insert into jobs_job (type, target_type, target_id)
         select 'account.verify', 'Account', unnest(array['1', 'no number', '2', '3'])`,
      );
      await save('3');
      later();
      expect((await fixture.sweeps.run()).targetGone).toBeGreaterThanOrEqual(2);
      expect(await fixture.of('1')).toEqual([expect.objectContaining(gone)]);
      expect(await fixture.of('2')).toEqual([expect.objectContaining(gone)]);
      expect(await fixture.of('3')).toEqual([expect.objectContaining(pending)]);
    });

    it('are looked through in pages, all of them in turn', async () => {
      await fixture.rows(
        `insert into jobs_job (type, target_type, target_id) select 'note.read', 'Note', i::text from generate_series(1, 1100) i`,
      );
      later();
      const counts = [];
      for (let run = 0; run < 3; run++) counts.push((await fixture.sweeps.run()).targetGone);
      expect(counts).toEqual([500, 500, 100]);
    });
  });
});
