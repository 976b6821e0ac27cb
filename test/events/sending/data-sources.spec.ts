import { Injectable } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { getJobsProviderToken, InProcessEvents, JobsModule, OnReliableEvent } from '../../../lib/index.js';
import { TestApplication, typeormOptions } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';

@Injectable()
class Lamps {
  @OnReliableEvent('lamp.lit', { id: 'here' })
  here(): string {
    return 'here';
  }

  @OnReliableEvent('lamp.lit', { id: 'there', dataSource: 'billing' })
  there(): string {
    return 'there';
  }
}

describe('With several data sources', () => {
  it('each sends in process to its own receivers', async () => {
    const [here, there] = [await TestDatabase.create(), await TestDatabase.create()];
    const application = await TestApplication.start(here, {
      jobs: { worker: false },
      imports: [
        TypeOrmModule.forRoot({ ...typeormOptions(there), name: 'billing' }),
        JobsModule.forRoot({ dataSource: 'billing', worker: false }),
      ],
      providers: [Lamps],
    });
    const answers = await Promise.all(
      ['default', 'billing'].map((name) =>
        application.context
          .get<InProcessEvents>(getJobsProviderToken(InProcessEvents, name), { strict: false })
          .sendRobust('lamp.lit' as never, null as never),
      ),
    );
    await application.close();
    await Promise.all([here.drop(), there.drop()]);

    expect(answers).toEqual([[{ receiver: 'here', value: 'here' }], [{ receiver: 'there', value: 'there' }]]);
  });
});
