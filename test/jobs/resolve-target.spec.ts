import {
  Column,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'typeorm';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import type { Job } from '../../lib/jobs/model/job.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import { JobApplication } from '../support/job-application.js';
import { QueryLog } from '../support/query-log.js';

@Entity()
class Whole {
  @PrimaryGeneratedColumn('increment', { type: 'integer' })
  id!: number;
  @Column('text', { nullable: true })
  owner!: string | null;
  @DeleteDateColumn()
  deletedAt!: Date | null;
}

@Entity()
class Large {
  @PrimaryGeneratedColumn('increment', { type: 'bigint' })
  id!: string;
}

@Entity()
class Unique {
  @PrimaryGeneratedColumn('uuid')
  id!: string;
}

@Entity()
class Translation {
  @PrimaryColumn('integer')
  textId!: number;
  @PrimaryColumn('text')
  language!: string;
}

@Entity()
class Detail {
  @PrimaryColumn('integer', { name: 'whole_id' })
  wholeId!: number;
  @ManyToOne(() => Whole)
  @JoinColumn({ name: 'whole_id' })
  whole!: Whole;
  @PrimaryColumn('text')
  name!: string;
}

class SpecialWhole extends Whole {}

@JobType('about.anything')
class AboutAnything {}

@JobType('about.whole', { target: Whole, assignee: ({ owner }) => (owner === null ? null : `user:${owner}`) })
class AboutWhole {}

@JobType('about.large', { target: Large })
class AboutLarge {}

@JobType('about.unique', { target: Unique })
class AboutUnique {}

@JobType('about.translation', { target: Translation })
class AboutTranslation {}

@JobType('about.reference', { assignee: (target: { type: string; id: string }) => `user:${target.type}-${target.id}` })
class AboutReference {}

describe('The target of a job', () => {
  let app: JobApplication;
  let jobs: JobsService;
  const log = new QueryLog();

  beforeAll(async () => {
    app = await JobApplication.start({
      entities: [Whole, Large, Unique, Translation, Detail],
      providers: [AboutAnything, AboutWhole, AboutLarge, AboutUnique, AboutTranslation, AboutReference],
      typeorm: { poolSize: 10, logger: log, logging: true },
    });
    ({ jobs } = app);
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  const whole = (owner: string | null = null): Promise<Whole> =>
    app.dataSource.getRepository(Whole).save(Object.assign(new Whole(), { owner }));
  const large = (): Promise<Large> => app.dataSource.getRepository(Large).save(new Large());
  const unique = (): Promise<Unique> => app.dataSource.getRepository(Unique).save(new Unique());
  let texts = 0;
  const translation = (): Promise<Translation> =>
    app.dataSource
      .getRepository(Translation)
      .save(Object.assign(new Translation(), { textId: ++texts, language: 'de"[],' }));
  const detail = async (): Promise<Detail> => {
    const { id } = await whole();
    return app.dataSource.getRepository(Detail).save(Object.assign(new Detail(), { wholeId: id, name: 'n' }));
  };

  describe.each([
    ['an integer', whole],
    ['a bigint', large],
    ['a uuid', unique],
    ['several columns', translation],
    ['a relation and a column', detail],
  ] as const)('whose id is %s', (_, make: () => Promise<object>) => {
    it('is loaded back as the entity', async () => {
      const entity = await make();
      const { job } = await jobs.request(AboutAnything, { target: entity });
      expect([await jobs.resolveTarget(job), (await jobs.resolveTarget(job))?.constructor]).toMatchObject([
        Object.assign({}, entity),
        entity.constructor,
      ]);
    });

    it('is the same by entity and by reference', async () => {
      const entity = await make();
      const { job } = await jobs.request(AboutAnything, { target: entity });
      const reference = { type: job.targetType, id: job.targetId };
      expect((await jobs.request(AboutAnything, { target: reference })).job.id).toBe(job.id);
    });

    it('is null when it is gone', async () => {
      const entity = await make();
      const { job } = await jobs.request(AboutAnything, { target: entity });
      await app.dataSource.manager.remove(
        Object.assign(Object.create(Object.getPrototypeOf(entity) as object) as object, entity),
      );
      expect(await jobs.resolveTarget(job)).toBeNull();
    });
  });

  it('is the same however its id is written', async () => {
    const { id } = await unique();
    const of = async (
      type: Parameters<JobsService['request']>[0],
      ...targets: (string | number | bigint)[]
    ): Promise<number> => {
      const requested: Job[] = [];
      for (const target of targets) requested.push((await jobs.request(type, { target, metadata: {} })).job);
      return new Set(requested.map((job) => job.id)).size;
    };
    expect([
      await of(AboutUnique, id, id.toUpperCase()),
      await of(AboutWhole, 7, '7', '007', 7n),
      await of(AboutLarge, 9_007_199_254_740_993n, '9007199254740993'),
    ]).toEqual([1, 1, 1]);
  });

  it('is null when it was deleted softly', async () => {
    const entity = await whole();
    const { job } = await jobs.request(AboutWhole, { target: entity });
    await app.dataSource.getRepository(Whole).softDelete(entity.id);
    expect(await jobs.resolveTarget(job)).toBeNull();
  });

  it('may be of a subclass of the entity', async () => {
    const { id } = await whole();
    const target = Object.assign(new SpecialWhole(), { id, owner: null });
    expect((await jobs.request(AboutWhole, { target })).job).toMatchObject({
      targetType: 'Whole',
      targetId: String(id),
    });
  });

  it('may be a plain object that was saved', async () => {
    const target = await app.dataSource.getRepository(Whole).save({ owner: null });
    expect((await jobs.request(AboutWhole, { target })).job.targetId).toBe(String(target.id));
  });

  it('may be nothing', async () => {
    const { job } = await jobs.request(AboutAnything);
    expect([job.targetType, job.targetId, await jobs.resolveTarget(job)]).toEqual(['', '', null]);
  });

  it('is null when no entity has its name, or its id can be none of it', async () => {
    const unknown = await jobs.request(AboutAnything, { target: { type: 'Elsewhere', id: '1' } });
    const broken = await jobs.request(AboutAnything, { target: { type: 'Whole', id: '1' } });
    await app.rows(`update jobs_job set target_id = 'not a number' where id = $1`, [broken.job.id]);
    const found = [unknown.job, (await jobs.find(broken.job.id))!];
    expect([...(await jobs.resolveTargets(found)).values()]).toEqual([null, null]);
  });

  it('is seen as it is in the transaction of the caller', async () => {
    await app.dataSource.transaction(async (manager) => {
      const entity = await manager.getRepository(Whole).save(Object.assign(new Whole(), { owner: null }));
      const { job } = await jobs.request(AboutWhole, { target: entity, manager });
      expect([await jobs.resolveTarget(job, { manager }), await jobs.resolveTarget(job)]).toMatchObject([
        { id: entity.id },
        null,
      ]);
    });
  });

  it('of several jobs takes one query for each entity', async () => {
    const targets = [await whole(), await whole(), await translation(), await translation(), await large()];
    const requested: Job[] = [];
    for (const target of targets) requested.push((await jobs.request(AboutAnything, { target })).job);
    log.lines.length = 0;
    const resolved = await jobs.resolveTargets(requested);
    expect([requested.map(({ id }) => resolved.get(id)), log.lines.length]).toMatchObject([
      targets.map((target) => Object.assign({}, target)),
      3,
    ]);
  });

  describe('says who is to do the job', () => {
    it('when it is given as an entity', async () => {
      expect((await jobs.request(AboutWhole, { target: await whole('anna') })).job.assignee).toBe('user:anna');
    });

    it('when it is given by its id, as it is in that transaction', async () => {
      await app.dataSource.transaction(async (manager) => {
        const { id } = await manager.getRepository(Whole).save({ owner: 'bert' } as Whole);
        expect((await jobs.request(AboutWhole, { target: id, manager })).job.assignee).toBe('user:bert');
      });
    });

    it('when the job is raised', async () => {
      const { id } = await whole('carl');
      expect((await jobs.raise(AboutWhole, { target: id })).job.assignee).toBe('user:carl');
    });

    it('when no entity has its name', async () => {
      const { job } = await jobs.request(AboutReference, { target: { type: 'Thing', id: '7' } });
      expect(job.assignee).toBe('user:Thing-7');
    });

    it('unless it names nobody, is gone, or the request says', async () => {
      const nobody = await jobs.request(AboutWhole, { target: await whole() });
      const gone = await jobs.request(AboutWhole, { target: 123_456 });
      const said = await jobs.request(AboutWhole, { target: await whole('anna'), assignee: 'user:dora' });
      expect([nobody, gone, said].map(({ job }) => job.assignee)).toEqual([null, null, 'user:dora']);
    });

    it('by a principal, or the request is refused', async () => {
      const target = await whole('no one');
      await expect(jobs.request(AboutWhole, { target })).rejects.toThrow(
        'assignee: the text "user:no one" is not a principal',
      );
    });
  });

  describe('is refused when it is', () => {
    it.each([
      ['missing', AboutWhole, undefined, 'target: undefined is no target; pass the Whole the job is about, or its id.'],
      ['of another entity', AboutWhole, new Large(), 'target: this Large has no id yet; save it first.'],
      [
        'a reference to another entity',
        AboutWhole,
        { type: 'Large', id: '1' },
        'target: this is a Large, but jobs of this type are about a Whole.',
      ],
      ['not saved yet', AboutWhole, new Whole(), 'target: this Whole has no id yet; save it first.'],
      [
        'an id that can be none',
        AboutWhole,
        'seven',
        'target: "seven" is no id of Whole; pass the entity itself, or its id.',
      ],
      ['an id that is too large', AboutWhole, '2147483648', 'target: "2147483648" is no id of Whole'],
      ['an id that is no uuid', AboutUnique, '7', 'target: "7" is no id of Unique'],
      [
        'one id of several',
        AboutTranslation,
        '7',
        'is no id of Translation; pass the entity itself, or its id as a JSON array of texts',
      ],
      [
        'a number that is no id',
        AboutWhole,
        1.5,
        'target: the number 1.5 is no id; pass a whole number, a bigint or a text.',
      ],
      [
        'an id without an entity',
        AboutAnything,
        7,
        'target: an id alone names no entity; pass the entity itself, { type, id }',
      ],
      [
        'no entity',
        AboutAnything,
        new Map(),
        'target: Map is no entity of the data source; pass an entity or { type, id }.',
      ],
      [
        'a reference without a type',
        AboutAnything,
        { type: '', id: '1' },
        'target: its type must have 1 to 255 characters, but has 0.',
      ],
      [
        'a reference without an id',
        AboutAnything,
        { type: 'A', id: '' },
        'target: its id must have 1 to 500 characters, but has 0.',
      ],
      ['a reference whose id is too long', AboutAnything, { type: 'A', id: 'x'.repeat(501) }, 'but has 501.'],
    ])('%s', async (_, type, target, message) => {
      await expect(jobs.request(type, { target: target as object, metadata: {} })).rejects.toThrow(message);
    });
  });
});
