import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobsModule, ReliableEvents } from '../../lib/index.js';
import { JobsTesting, JobsTestingModule, type JobsTestingOptions } from '../../lib/testing/index.js';
import { TestDatabase } from '../support/test-database.js';
import { typeormOptions } from '../support/test-application.js';

describe('JobsTestingModule', () => {
  let database: TestDatabase;
  let module: TestingModule;

  beforeAll(async () => {
    database = await TestDatabase.create();
    module = await Test.createTestingModule({
      imports: [
        JobsTestingModule.forRoot(),
        TypeOrmModule.forRoot(typeormOptions(database)),
        JobsModule.forRoot({ worker: { pollInterval: 50 } }),
      ],
    }).compile();
    await module.init();
  });

  afterAll(async () => {
    await module.close();
    await database.drop();
  });

  it('is found in the application', () => {
    expect(module.get(JobsTesting).mode).toBe('manual');
    expect(module.get(ReliableEvents)).toBeInstanceOf(ReliableEvents);
  });

  it('moves time by durations and to moments', async () => {
    const { clock } = module.get(JobsTesting);
    clock.advance('2h');
    clock.advance(5);
    expect(clock.offset).toBe(2 * 3_600_000 + 5);
    await clock.travelTo(new Date('2031-01-01T00:00:00Z'));
    expect((await clock.now()).toISOString()).toMatch(/^2031-01-01T00:0/);
    clock.reset();
    expect(clock.offset).toBe(0);
  });

  it('refuses what is no duration and no moment, naming it', async () => {
    const { clock } = module.get(JobsTesting);
    expect(() => clock.advance('soon')).toThrow("clock: option duration: the text 'soon' is not a duration");
    await expect(clock.travelTo(new Date('soon'))).rejects.toThrow('clock.travelTo was given an invalid Date');
    expect(clock.offset).toBe(0);
  });

  it('T5: refuses modes and options that do not exist', () => {
    expect(() => JobsTestingModule.forRoot({ mode: 'fast' } as unknown as JobsTestingOptions)).toThrow(
      "JobsTestingModule: option mode must be 'inline' or 'manual' or 'recording', but is the string \"fast\"",
    );
    expect(() => JobsTestingModule.forRoot({ modus: 'manual' } as JobsTestingOptions)).toThrow(/mode/);
  });
});
