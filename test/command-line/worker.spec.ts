import { Command, COMMANDED_MODULE } from './support/command.js';
import { CommandedApplication } from './support/commanded-application.js';
import { until } from '../support/until.js';

const ALL = ['analytics.count', 'order.bill', 'order.ship'];

describe('nestjs-jobs worker', () => {
  let application: CommandedApplication;
  const started: Command[] = [];

  beforeAll(async () => {
    application = await CommandedApplication.start();
  });
  afterAll(() => application.close());
  afterEach(async () => {
    await Promise.all(started.splice(0).map((command) => command.end()));
    await application.clear();
  });

  function worker(...flags: readonly string[]): Command {
    const command = Command.worker(application.url, ...flags);
    started.push(command);
    return command;
  }

  const receiversOf = (command: Command, what: string): readonly (string | undefined)[] =>
    command
      .lines(what)
      .map(({ fields }) => fields['receiver'])
      .sort();

  it('runs the receivers of an application that only emits by itself, until it is told to end', async () => {
    const command = worker();
    await command.said('STARTED', 2);
    await application.pay();
    await command.said('SUCCEEDED', 3);

    command.kill('SIGTERM');

    expect(await command.ended).toBe(0);
    expect(receiversOf(command, 'RUNNING')).toEqual(ALL);
    expect(receiversOf(command, 'SUCCEEDED')).toEqual(ALL);
    expect(command.lines('STARTED').find(({ fields }) => fields['data-source'] === 'default')?.fields).toMatchObject({
      pid: String(command.pid),
      receivers: expect.stringContaining('order.ship') as string,
    });
  });

  it('--receivers works for those alone', async () => {
    const command = worker('--receivers', 'order.ship,analytics.*', '--data-source', 'default', '--batch');
    await application.pay();
    expect(await command.ended).toBe(0);
    expect(receiversOf(command, 'SUCCEEDED')).toEqual(['analytics.count', 'order.ship']);
    expect(await application.open()).toEqual(['order.bill']);
  });

  it('--receivers * works for all', async () => {
    await application.pay();
    const command = worker('--receivers', '*', '--batch');
    expect(await command.ended).toBe(0);
    expect(await application.open()).toEqual([]);
  });

  it('--exclude-receivers leaves those to others', async () => {
    await application.pay();
    const command = worker('--exclude-receivers', 'order.*', '--batch');
    expect(await command.ended).toBe(0);
    expect(await application.open()).toEqual(['order.bill', 'order.ship']);
  });

  it('--data-source works on those alone', async () => {
    await application.pay();
    await application.askForReport();
    const command = worker('--data-source', 'reports', '--batch');
    expect(await command.ended).toBe(0);
    expect([await application.open(), await application.open('reports')]).toEqual([ALL, []]);
  });

  it('--batch ends when everything that is due is done, and with it nothing waits to be written', async () => {
    await application.pay(40);
    const command = worker('--batch');
    expect(await command.ended).toBe(0);
    expect(command.lines('SUCCEEDED')).toHaveLength(120);
    expect(await application.open()).toEqual([]);
  });

  it('--max-deliveries starts no more, and hands back the rest', async () => {
    await application.pay(20);
    const command = worker('--max-deliveries', '7');
    expect(await command.ended).toBe(0);
    expect([command.lines('RUNNING').length, command.lines('SUCCEEDED').length]).toEqual([7, 7]);
    expect([(await application.open()).length, await application.claimed()]).toEqual([53, 0]);
  });

  it('--concurrency runs so many of a receiver at once', async () => {
    await application.pay(5, 'hold');
    const command = worker('--concurrency', '2', '--receivers', 'order.ship');
    await command.said('RUNNING', 2);
    command.goOn();
    await command.said('RUNNING', 4);
    const [running, ended] = [command.lines('RUNNING').length, command.lines('SUCCEEDED').length];
    expect([running, ended >= 2]).toEqual([4, true]);
  });

  it('--worker-id is seen beside the process, and is the only one of its kind that lives', async () => {
    const first = worker('--worker-id', 'kitchen 1', '--data-source', 'default');
    await first.said('STARTED');
    await until(async () => (await application.processes()).get(first.pid)?.label === 'kitchen 1');
    expect(first.lines('STARTED')[0]?.fields['id']).toBe('"kitchen 1"');

    const second = worker('--worker-id', 'kitchen 1', '--data-source', 'default');
    expect(await second.ended).toBe(1);
    expect(second.errors).toContain('option worker.label is the string "kitchen 1", which process');

    // Its successor need not wait until somebody has noticed that it is gone.
    await first.end();
    const third = worker('--worker-id', 'kitchen 1', '--data-source', 'default');
    await third.said('STARTED');
    await until(async () => (await application.processes()).get(third.pid)?.label === 'kitchen 1');
  });

  it('--interval is how often it looks for work nobody told of', async () => {
    const command = worker('--interval', '50ms', '--receivers', 'order.bill', '--data-source', 'default');
    await command.said('STARTED');
    // Past the package, nothing wakes anybody.
    await application.dataSource.query(
      `with e as (insert into jobs_event (name, payload, receivers, retain_until)
         values ('order.paid', '{"script":"nothing"}', '{}', now() + interval '1 day') returning id)
       insert into jobs_delivery (event_id, receiver) select e.id, r.id from e, jobs_receiver r where r.name = 'order.bill'`,
    );
    await command.said('SUCCEEDED');
  });

  it('--no-startup-delay begins at once; without, it says when it begins', async () => {
    const [delayed, prompt] = [
      Command.start(application.url, 'worker', '--module', COMMANDED_MODULE, '--batch'),
      worker('--batch'),
    ];
    started.push(delayed);
    expect([await delayed.ended, await prompt.ended]).toEqual([0, 0]);
    expect(delayed.output).toMatch(/Begins in \d+ ms; --no-startup-delay has it begin at once/);
    expect(prompt.output).not.toContain('Begins in');
  });

  it.each([
    [['--log-level', 'warn'], false, false],
    [[], true, false],
    [['-v'], true, true],
  ])('verbosity %j', async (flags, lines, debugs) => {
    await application.pay(1, 'later');
    const command = worker('--batch', ...flags);
    expect(await command.ended).toBe(0);
    expect([command.lines('SUCCEEDED').length > 0, / DEBUG /.test(command.output)]).toEqual([lines, debugs]);
  });

  it.each([
    [
      ['--receivers', 'order.shop'],
      'no receiver of this application is meant by "order.shop". Did you mean order.ship?',
    ],
    [['--exclude-receivers', 'nobody.*'], 'no receiver of this application is meant by "nobody.*"'],
    [['--data-source', 'default,report'], 'option --data-source names "report"'],
    [['--export', 'Application'], 'option --export must be the name of a class that'],
    [['--interval', '5'], 'option --interval must be a duration with its unit'],
  ])('refuses what the application does not have: %j', async (flags, message) => {
    await application.pay();
    const command = worker(...flags);
    expect(await command.ended).toBe(1);
    expect(command.errors).toContain(message);
    expect(command.lines('RUNNING')).toEqual([]);
  });

  it.each([
    [[], 'option --module must be the compiled file of the root module'],
    [['--module', './nowhere.js'], 'option --module: ./nowhere.js could not be loaded'],
  ])('refuses an application that is not there: %j', async (flags, message) => {
    const command = Command.start(application.url, 'worker', ...flags);
    started.push(command);
    expect(await command.ended).toBe(1);
    expect(command.errors).toContain(message);
  });

  it('says of each delivery what becomes of it, and lets no value forge a line', async () => {
    await application.pay(1, 'fail', 'x\n[Nest] 1 LOG [Worker] SUCCEEDED delivery=9.9 receiver="forged"');
    const command = worker('--batch', '--receivers', 'order.ship', '--data-source', 'default');
    expect(await command.ended).toBe(0);

    expect(command.lines('SUCCEEDED')).toEqual([]);
    expect(command.lines('FAILED')[0]?.fields).toMatchObject({
      receiver: 'order.ship',
      event: 'order.paid',
      attempt: '1',
      error: 'TypeError',
      next: 'dead',
    });
    const forged = /^(?!.*(RUNNING|FAILED|failed)).*forged/m;
    expect([forged.test(command.output), forged.test(command.errors)]).toEqual([false, false]);
  });

  it('ends on SIGTERM when what runs is done: 0, and nothing is left running', async () => {
    await application.pay(3, 'hold');
    const command = worker('--receivers', 'order.ship', '--concurrency', '1');
    await command.said('RUNNING');
    command.kill('SIGTERM');
    await command.said('STOPPING');
    command.goOn();

    expect(await command.ended).toBe(0);
    expect([command.lines('SUCCEEDED').length, command.lines('INTERRUPTED').length]).toEqual([1, 0]);
    expect([await application.claimed(), (await application.open()).filter((id) => id === 'order.ship')]).toEqual([
      0,
      ['order.ship', 'order.ship'],
    ]);
    expect((await application.processes()).get(command.pid)?.state).toBe('left');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('a second signal forces: what runs is handed back at once, at no attempt (%s)', async (signal, code) => {
    await application.pay(1, 'hold');
    const command = worker('--receivers', 'order.ship', '--data-source', 'default');
    await command.said('RUNNING');
    command.kill('SIGTERM');
    await command.said('STOPPING');
    command.kill(signal);

    expect(await command.ended).toBe(code);
    expect(await application.claimed()).toBe(0);
    expect(
      await application.count('jobs_delivery', 'attempts = 0 and interruptions = 1 and ready_xid is not null'),
    ).toBe(1);
  });

  it('four of them share a thousand deliveries: each is run once, and all of them work', async () => {
    const commands = Array.from({ length: 4 }, () => worker('--concurrency', '1', '--data-source', 'default'));
    await Promise.all(commands.map((command) => command.said('STARTED')));
    // One that holds a delivery takes no other of its receiver, so that each of the four gets one.
    await application.pay(4, 'hold');
    const holds = (command: Command): boolean => receiversOf(command, 'RUNNING').includes('order.ship');
    await until(() => commands.every(holds));
    await application.pay(330);
    for (const command of commands) command.goOn();
    await application.drained();
    for (const command of commands) command.kill('SIGTERM');
    expect(await Promise.all(commands.map((command) => command.ended))).toEqual([0, 0, 0, 0]);

    const runs = commands.map((command) => command.lines('SUCCEEDED').map(({ fields }) => fields['delivery']));
    expect([runs.flat().length, new Set(runs.flat()).size]).toEqual([1_002, 1_002]);
  });
});
