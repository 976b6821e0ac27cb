import { parseWorkerFlags } from '../../lib/command-line/worker-flags.js';
import { parsePruneFlags } from '../../lib/command-line/prune-command.js';

describe('Flags of a worker', () => {
  it('are none by default', () => {
    expect(parseWorkerFlags([])).toEqual({
      worker: {},
      dataSources: undefined,
      untilIdle: false,
      maxDeliveries: undefined,
      startupDelay: true,
      logLevels: ['fatal', 'error', 'warn', 'log'],
    });
  });

  it('take the place of options of the module', () => {
    const flags = parseWorkerFlags([
      '--receivers',
      'order.*, analytics.count',
      '--receivers=report.make',
      ...['--exclude-receivers', 'order.ship', '--data-source', 'default,reports', '--concurrency', '3'],
      ...['--interval', '1.5s', '--batch', '--max-deliveries', '10', '--worker-id', 'kitchen 1'],
      ...['--no-startup-delay', '-vv'],
    ]);
    expect(flags).toEqual({
      worker: {
        receivers: ['order.*', 'analytics.count', 'report.make'],
        excludeReceivers: ['order.ship'],
        concurrency: 3,
        pollInterval: 1_500,
        label: 'kitchen 1',
      },
      dataSources: ['default', 'reports'],
      untilIdle: true,
      maxDeliveries: 10,
      startupDelay: false,
      logLevels: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
    });
  });

  it.each([
    [['--receivers', 'a,,b'], 'option --receivers must be names with single commas between'],
    [['--receivers', ''], 'option --receivers must be names with single commas between'],
    [
      ['--interval', '5'],
      'option --interval must be a duration with its unit, such as 500ms or 5s, but is the string "5"',
    ],
    [['--interval=-1s'], 'option --interval must be a duration with its unit'],
    [['--interval', '1ms'], 'option --interval must be a duration from 10 to 2147483647 milliseconds'],
    [['--interval', '5 parsecs'], 'option --interval'],
    [['--concurrency', '0'], 'option --concurrency must be an integer from 1 to 10000, but is 0'],
    [['--concurrency', 'many'], 'option --concurrency must be an integer of at least 1, written in digits'],
    [['--max-deliveries', '1.5'], 'option --max-deliveries must be an integer of at least 1, written in digits'],
    [['--worker-id', 'x'.repeat(65)], 'option --worker-id must be a text of 1 to 64 printable characters'],
    [['--worker-id', 'two\nlines'], 'option --worker-id must be a text of 1 to 64 printable characters'],
    [['--worker-id', ''], 'option --worker-id must be a text of 1 to 64 printable characters'],
    [['--log-level', 'loud'], "option --log-level must be 'fatal' or 'error' or 'warn'"],
    [['--log-level', 'warn', '-v'], 'option --log-level must be left out where -v is given'],
    [['--recievers', 'a'], "Unknown option '--recievers'"],
    [['--interval'], "Option '--interval <value>' argument missing"],
    [['order.ship'], "Unexpected argument 'order.ship'"],
  ])('%j is refused', (flags, message) => {
    expect(() => parseWorkerFlags(flags)).toThrow(message);
  });
});

describe('Flags of a prune', () => {
  it('are two weeks of events and dead letters by default', () => {
    expect(parsePruneFlags([])).toEqual({
      options: { actor: 'nestjs-jobs prune', olderThan: 14 * 86_400_000, dryRun: false },
      dataSource: undefined,
    });
  });

  it('honour 0 days', () => {
    const { options } = parsePruneFlags(['--min-age-days', '0', '--failed-min-age-days', '0.5']);
    expect(options).toMatchObject({ olderThan: 0, failedOlderThan: 43_200_000 });
  });

  it.each([
    [['--min-age-days', '-1'], "Option '--min-age-days' argument is ambiguous"],
    [['--min-age-days=-1'], 'option --min-age-days must be a number of days of at least 0, written in digits'],
    [['--min-age-days', 'two'], 'option --min-age-days must be a number of days'],
    [['--min-age-days', ''], 'option --min-age-days must be a number of days'],
    [['--failed-min-age-days', '99999'], 'option --failed-min-age-days must be a number from 0 to 36500'],
    [['--receivers', ','], 'option --receivers must be names'],
    [['--queue', 'a'], "Unknown option '--queue'"],
  ])('%j is refused', (flags, message) => {
    expect(() => parsePruneFlags(flags)).toThrow(message);
  });
});
