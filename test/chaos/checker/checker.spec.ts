import { defaultSessionSettings } from '../../../lib/engine/liveness/session-settings.js';
import type { History, Step } from '../history/history.js';
import { broken, check } from './check.js';
import { rules } from './rules.js';

const emission = {
  id: 'emitter-1.1.0-1',
  workload: 'orders',
  receivers: [{ receiver: 'ledger', effect: 'once', fate: 'done' }],
} as const;

const claim: Step = {
  delivery: '1.1',
  what: 'claim',
  version: 1,
  worker: 1,
  claims: 1,
  attempts: 0,
  interruptions: 0,
  dueAt: null,
  at: 30,
};

/** One event, one receiver, one worker, and nothing wrong. */
const sound: History = {
  entries: [
    { at: 0, process: 'worker-1.1', kind: 'process.started', role: 'worker', deployment: 'full', pid: 10 },
    { at: 0, process: 'worker-2.1', kind: 'process.started', role: 'worker', deployment: 'full', pid: 20 },
    { at: 5, process: 'worker-1.1', kind: 'process.ready' },
    { at: 5, process: 'worker-2.1', kind: 'process.ready' },
    { at: 10, process: 'emitter-1.1', kind: 'emit.attempted', emission: emission.id, intent: 'commit' },
    { at: 20, process: 'emitter-1.1', kind: 'emit.told', emission: emission.id, outcome: 'committed' },
    {
      at: 40,
      process: 'worker-1.1',
      kind: 'run.began',
      run: 'a',
      emission: emission.id,
      receiver: 'ledger',
      delivery: '1.1',
      attempt: 1,
    },
    { at: 60, process: 'worker-1.1', kind: 'run.ended', run: 'a', how: 'returned' },
    { at: 200_000, process: 'nemesis', kind: 'phase', phase: 'drained' },
  ],
  emissions: [emission],
  effects: [{ emission: emission.id, receiver: 'ledger', delivery: '1.1', process: 'worker-1.1' }],
  steps: [{ ...claim, what: 'insert', worker: null, claims: 0, at: 15 }, claim, { ...claim, what: 'delete', at: 61 }],
  workers: [
    { id: 1, pid: 10, state: 'live', startedAt: 1 },
    { id: 2, pid: 20, state: 'live', startedAt: 1 },
  ],
  workerEnds: [],
  events: [{ id: '1', name: 'chaos.order-placed', payload: { emission: emission.id } }],
  deadLetters: [],
  left: [],
  tables: {},
  server: '18',
  timings: defaultSessionSettings,
};

const brokenBy = (change: Partial<History>): string[] =>
  broken(check({ ...sound, ...change }, rules)).map(({ rule }) => rule);

const { entries, steps } = sound;

describe('the checker', () => {
  it('finds nothing wrong where nothing is', () => {
    expect(brokenBy({})).toEqual([]);
  });

  it.each<[string, Partial<History>, string]>([
    ['an effect that is missing', { effects: [] }, 'nothing lost'],
    ['an effect that is there twice', { effects: [...sound.effects, ...sound.effects] }, 'effects once'],
    [
      'an event of nobody',
      { events: [...sound.events, { id: '2', name: 'x', payload: { emission: 'other' } }] },
      'nothing from a rollback',
    ],
    ['a commit that is not there', { emissions: [] }, 'told committed is kept'],
    ['an emission without its event', { events: [] }, 'told committed is kept'],
    [
      'an effect of somebody else',
      { effects: [{ ...sound.effects[0]!, process: 'worker-2.1' }] },
      'only the holder writes',
    ],
    ['a claim before the time', { steps: [{ ...steps[0]!, dueAt: 1_000 }, ...steps.slice(1)] }, 'not before its time'],
    [
      'a run beside a run',
      {
        entries: [
          ...entries,
          {
            at: 50,
            process: 'worker-2.1',
            kind: 'run.began',
            run: 'b',
            emission: emission.id,
            receiver: 'ledger',
            delivery: '1.1',
            attempt: 1,
          },
        ],
      },
      'one run at a time',
    ],
    [
      'a claim of what is held',
      { steps: [steps[0]!, claim, { ...claim, worker: 2, claims: 2 }, steps[2]!] },
      'claimed once',
    ],
    [
      'a number that comes again',
      { steps: [steps[0]!, claim, { ...claim, what: 'free' }, claim, steps[2]!] },
      'claims only grow',
    ],
    ['a death of the living', { workerEnds: [{ worker: 2, state: 'dead', at: 50 }] }, 'only the silent are dead'],
    [
      'an attempt without a failure',
      { steps: [steps[0]!, { ...claim, attempts: 1 }, steps[2]!] },
      'interrupted is not failed',
    ],
    [
      'a dead letter of what can be handled',
      { deadLetters: [{ delivery: '1.1', event: '1', kind: 'dead', reason: '' }] },
      'planned dead letters',
    ],
    [
      'a claim of an ended process that stays',
      {
        entries: [...entries, { at: 50, process: 'worker-2.1', kind: 'process.ended', how: 'SIGKILL', expected: true }],
        steps: [steps[0]!, { ...claim, worker: 2 }],
      },
      'recovered in time',
    ],
    ['work that nobody claims', { steps: [steps[0]!] }, 'work is found'],
    ['deliveries that stay', { left: ['1.1'] }, 'everything drained'],
    ['an end that never came', { entries: entries.slice(0, -1) }, 'everything drained'],
    [
      'a process that ends by itself',
      { entries: [...entries, { at: 70, process: 'worker-2.1', kind: 'process.ended', how: '1', expected: false }] },
      'processes survive',
    ],
  ])('finds %s', (_what, change, rule) => {
    const sorted = change.entries === undefined ? {} : { entries: [...change.entries].sort((a, b) => a.at - b.at) };

    expect(brokenBy({ ...change, ...sorted })).toContain(rule);
  });

  it('excuses a second run once the first process was silent and declared dead', () => {
    expect(
      brokenBy({
        entries: [
          ...entries,
          {
            at: 45,
            process: 'nemesis',
            kind: 'fault.struck',
            fault: 'freeze',
            strike: 1,
            target: 'worker-1.1',
          } as const,
          {
            at: 50,
            process: 'worker-2.1',
            kind: 'run.began',
            run: 'b',
            emission: emission.id,
            receiver: 'ledger',
            delivery: '1.1',
            attempt: 1,
          } as const,
          {
            at: 59,
            process: 'nemesis',
            kind: 'fault.healed',
            fault: 'freeze',
            strike: 1,
            target: 'worker-1.1',
          } as const,
        ].sort((a, b) => a.at - b.at),
        workerEnds: [{ worker: 1, state: 'dead', at: 48 }],
      }),
    ).toEqual([]);
  });
});
