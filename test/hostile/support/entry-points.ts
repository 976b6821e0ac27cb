import { type Argument, arg, options } from './entry.js';

/** Everything a call may need that is not hostile. */
export interface Ground {
  readonly Type: object;
  readonly Event: object;
  readonly event: object;
  readonly jobId: string;
  readonly eventId: string;
  readonly deliveryId: string;
  readonly deadLetterId: string;
  readonly receiverId: string;
}

export type Calls = Readonly<Record<string, readonly (readonly Argument[])[]>>;

const manager = undefined;
const DATE = new Date('2030-01-01');
const ACTOR = { actor: 'test' };
const page = { after: undefined, limit: 5 };
const change = { manager, by: 'user:1', note: 'a note' };
const subject = { target: { type: 'Thing', id: '1' }, key: 'k', tenant: 't' };
const completion = { ...change, outcome: 'well', result: { a: 1 }, metadata: { a: 1 } };
const request = {
  ...change,
  ...subject,
  ...{
    assignee: 'user:1',
    candidates: ['role:a'],
    metadata: { a: 1 },
    dueIn: '1d',
    dueAt: DATE,
    expiresIn: '1d',
    expiresAt: DATE,
  },
  ...{ priority: 1, tags: ['a'], unique: 'none', onRepeat: 'keep' },
};
const jobFilter = {
  ...{ types: 'hostile.do', status: 'pending', phase: 'open', outcome: 'well', reason: 'done', target: subject.target },
  ...{
    assignee: 'user:1',
    claimedBy: 'user:1',
    candidate: 'role:a',
    mine: { id: 'user:1' },
    unassigned: true,
    overdue: true,
  },
  ...{
    dueWithin: '1d',
    stalled: '1d',
    olderThan: '1d',
    occurrences: 2,
    priority: 1,
    plan: 'p',
    step: 1,
    tags: 'a',
    tenant: 't',
  },
  ...{
    metadata: { path: ['a'], equals: 1 },
    created: { from: DATE },
    updated: {},
    closed: {},
    due: {},
    or: [{ tenant: 't' }],
  },
};
const failures = {
  ...{
    receiver: 'hostile.receiver',
    event: 'hostile.happened',
    error: 'Error',
    errorGroup: 'x',
    tenant: 't',
    correlationId: 'c',
  },
};
const span = { from: DATE, to: new Date('2031-01-01') };
const paced = { ...ACTOR, limit: 1, rate: 1_000, after: undefined, dryRun: true, signal: undefined };
const scope = { manager, types: ['hostile.do'], tenant: 't' };
const event = {
  ...{
    delay: '1s',
    runAt: DATE,
    priority: 4,
    key: 'k',
    dedupeKey: 'd',
    dedupeWindow: '1d',
    headers: { a: 'b' },
    correlationId: 'c',
  },
  ...{ tenant: 't', sender: 's', tags: ['a'], retain: '1d' },
};
const retry = { attempts: 3, backoff: 'fixed', delay: '1s', maxDelay: '1m', jitter: 0.1, nonRetryable: [] };
const receiver = {
  ...{
    aliases: ['old'],
    timeout: '1s',
    concurrency: 1,
    transactional: true,
    reach: 'both',
    sender: 's',
    retry: {},
    dataSource: 'x',
  },
};

/** What JobsService does, and ActorJobs for one actor. */
function verbs({ Type, jobId }: Ground, byActor: boolean): Calls {
  const { by: _by, ...acting } = change;
  const own = byActor ? acting : change;
  const one = (...more: readonly Argument[]): readonly (readonly Argument[])[] => [
    [arg('job', jobId), ...more, options(own)],
  ];
  const { by: _asker, ...asked } = request;
  const { by: _completer, ...completed } = completion;
  const requested = byActor ? asked : request;
  const ended = byActor ? completed : completion;
  return {
    request: [[arg('type', Type), options(requested)]],
    complete: [
      [arg('job', jobId), options(ended)],
      [arg('type', Type), options({ ...ended, ...subject })],
    ],
    completeMany: [[arg('jobs', [jobId]), options(ended)]],
    cancel: [
      [arg('job', jobId), options(own)],
      [arg('type', Type), options({ ...own, ...subject })],
    ],
    skip: one(),
    decline: one(),
    reopen: one(),
    claim: [[arg('job', jobId), options({ ...own, lapsesIn: '1h' }, byActor ? {} : { by: 'user:1' })]],
    claimNext: [
      [
        options(
          {
            ...own,
            lapsesIn: '1h',
            types: ['hostile.do'],
            tags: ['a'],
            ...(byActor ? {} : { as: ['role:a'], tenant: 't' }),
          },
          byActor ? {} : { by: 'user:1' },
        ),
      ],
    ],
    release: one(),
    assign: one(arg('assignee', 'user:1')),
    unassign: one(),
    transfer: one(arg('candidates', ['role:a'])),
    start: one(),
    snooze: one(arg('until', '1h')),
    wait: one(arg('on', 'the bank')),
    resume: one(),
    setDue: one(arg('at', DATE)),
    setExpiry: one(arg('at', DATE)),
    setPriority: one(arg('priority', 1)),
    tag: one(options({ add: ['a'], remove: ['b'] }, {}, 'tags')),
    comment: [[arg('job', jobId), arg('text', 'hm'), options({ manager, ...(byActor ? {} : { by: 'user:1' }) })]],
    bulk: [
      [
        options({ verb: 'tag', add: ['a'], remove: ['b'] }, { verb: 'tag' }, 'operation'),
        arg('jobs', [jobId]),
        options({
          ...(byActor ? {} : { by: 'user:1' }),
          note: 'n',
          dryRun: true,
          limit: 1,
          signal: undefined,
        }),
      ],
      [
        options({ verb: 'complete', outcome: 'well', result: 1, metadata: {} }, { verb: 'complete' }, 'operation'),
        options(jobFilter, { tenant: 'nobody' }, 'filter'),
      ],
    ],
    history: [[arg('job', jobId), options({ manager, order: 'oldest', ...page })]],
  };
}

const lists: Calls = {
  list: [[options(jobFilter, {}, 'filter'), options({ manager, sort: 'newest', ...page })]],
  count: [[options(jobFilter, {}, 'filter'), options({ manager, limit: 1 })]],
  facets: [[arg('facets', ['type']), options(jobFilter, {}, 'filter'), options({ manager, limit: 1, values: 1 })]],
  stream: [[options(jobFilter, {}, 'filter'), options({ sort: 'newest', limit: 1, signal: undefined })]],
  export: [
    [
      options(jobFilter, {}, 'filter'),
      options({ sort: 'newest', limit: 1, signal: undefined, format: 'csv' }, { format: 'csv' }),
    ],
  ],
};

/** A good call of every method of every service, by the name of its class. */
export function services(ground: Ground): Readonly<Record<string, Calls>> {
  const { Type, Event, jobId, eventId, deliveryId, deadLetterId, receiverId } = ground;
  const history = [[arg('job', jobId), options({ manager, order: 'oldest', ...page })]];
  const sending = { manager, sender: 's', headers: {}, correlationId: 'c', tenant: 't', key: 'k' };
  return {
    ReliableEvents: {
      emit: [
        [arg('event', ground.event), options({ manager, requireTransaction: false, ...event })],
        [arg('definition', Event), arg('payload', { a: 1 }), options({ manager, requireTransaction: false, ...event })],
      ],
      emitMany: [[arg('events', [ground.event]), options({ manager, requireTransaction: false, ...event })]],
      status: [[arg('id', eventId)]],
    },
    InProcessEvents: {
      send: [[arg('event', ground.event), options(sending)]],
      sendRobust: [[arg('event', ground.event), options(sending)]],
      sendAfterCommit: [[arg('event', ground.event), options(sending)]],
      connect: [
        [
          arg('event', Event),
          arg('receiver', () => 1),
          options({ id: 'hostile.connected', reliable: false, ...receiver, retry }, { id: 'hostile.connected' }),
        ],
      ],
      disconnect: [[arg('id', 'hostile.connected')]],
      events: [[]],
      receivers: [[arg('event', Event)]],
    },
    JobsService: {
      ...verbs(ground, false),
      as: [[options({ id: 'user:1', roles: ['role:a'], tenant: 't' }, { id: 'user:1' }, 'actor')]],
      requestMany: [[arg('requests', [{ type: Type, target: { type: 'Thing', id: '2' } }]), options(change)]],
      raise: [
        [
          arg('type', Type),
          options(Object.fromEntries(Object.entries(request).filter(([name]) => name !== 'manager'))),
        ],
      ],
      ensureCompleted: [[arg('type', Type), options({ ...completion, ...subject })]],
      find: [[arg('id', jobId), options({ manager })]],
      findPending: [[arg('type', Type), options({ manager, ...subject })]],
      resolveTarget: [
        [
          options(
            { id: jobId, targetType: 'Thing', targetId: '1' },
            { id: jobId, targetType: 'Thing', targetId: '1' },
            'job',
          ),
          options({ manager }),
        ],
      ],
      resolveTargets: [[arg('jobs', []), options({ manager })]],
    },
    ActorJobs: { ...verbs(ground, true), get: [[arg('id', jobId), options({ manager })]] },
    JobQueries: {
      ...lists,
      as: [[options({ id: 'user:1', roles: ['role:a'], tenant: 't' }, { id: 'user:1' }, 'actor')]],
      badges: [[arg('actors', [{ id: 'user:1' }]), options(jobFilter, {}, 'filter'), options({ manager, limit: 1 })]],
      history,
      comments: history,
    },
    ActorJobQueries: { ...lists, history, comments: history },
    JobInsight: {
      pending: [[options({ ...scope, bounds: ['1d'] })]],
      completion: [[options({ ...scope, within: '7d', weeks: 1, timeZone: 'UTC' })]],
      timeToComplete: [[options({ ...scope, created: span, points: 2 })]],
      funnel: [[arg('plan', 'p'), options({ manager, tenant: 't', created: span })]],
      stalled: [[options({ ...scope, olderThan: '1d', plan: 'p', ...page }, { olderThan: '1d' })]],
      flow: [[options({ ...scope, days: 1, until: DATE, timeZone: 'UTC' })]],
      workload: [[options({ ...scope, ...page })]],
      recount: [[]],
    },
    JobSweeps: { expire: [[options({ signal: undefined })]], run: [[options({ signal: undefined })]] },
    JobRemovals: {
      cancelJobsOf: [[options(subject.target, subject.target, 'target'), options({ manager })]],
      cancel: [[arg('ids', [jobId])]],
    },
    Receivers: {
      register: [[]],
      list: [[options(page)]],
      overview: [[options({ ...page, minutes: 5 })]],
      find: [[arg('id', receiverId), options({ minutes: 5 })]],
      pause: [[arg('id', receiverId), options(ACTOR, ACTOR)]],
      resume: [[arg('id', receiverId), options(ACTOR, ACTOR)]],
      setConcurrency: [[arg('id', receiverId), arg('concurrency', 1), options(ACTOR, ACTOR)]],
      retire: [[arg('id', 'nobody'), options(ACTOR, ACTOR)]],
    },
    Processes: { list: [[options({ ...page, state: 'live' })]] },
    Health: {
      check: [
        [options({ waiting: '1m', heldHorizon: '1m', deadRows: 1, deadLettersWithin: '1d', clockDifference: '1s' })],
      ],
    },
    Lifecycle: { on: [[arg('name', 'emitted'), arg('listener', () => 1)]], onAny: [[arg('listener', () => 1)]] },
    Deliveries: {
      list: [[options({ ...failures, ...span, ...page, state: 'waiting' })]],
      count: [[options({ ...failures, ...span, state: 'waiting' })]],
      find: [[arg('id', deliveryId)]],
      errors: [[options({ receiver: receiverId, ...page })]],
      retry: [[arg('ids', [deliveryId]), options(ACTOR, ACTOR)]],
      reschedule: [[arg('ids', [deliveryId]), arg('at', DATE), options(ACTOR, ACTOR)]],
      discard: [[arg('ids', ['999.1']), options({ ...ACTOR, reason: 'r' }, { ...ACTOR, reason: 'r' })]],
    },
    DeadLetters: {
      list: [[options({ ...failures, ...span, ...page, kind: 'dead' })]],
      count: [[options({ ...failures, ...span, kind: 'dead' })]],
      find: [[arg('id', deadLetterId)]],
      errors: [[options({ receiver: receiverId, ...page })]],
      redrive: [[arg('ids', [deadLetterId]), options(ACTOR, ACTOR)]],
      redriveMatching: [[options({ ...failures, ...span }, {}, 'filter'), options(paced, { ...ACTOR, dryRun: true })]],
      discard: [[arg('ids', ['999']), options({ ...ACTOR, reason: 'r' }, { ...ACTOR, reason: 'r' })]],
    },
    EventLog: {
      list: [[options({ event: 'hostile.happened', tenant: 't', correlationId: 'c', ...span, ...page })]],
      count: [[options({ event: 'hostile.happened', tenant: 't', correlationId: 'c', ...span })]],
      find: [[arg('id', eventId)]],
      status: [[arg('id', eventId)]],
      replay: [[arg('id', eventId), options({ ...ACTOR, receiver: receiverId }, ACTOR)]],
      replaySpan: [
        [
          options(
            { receiver: receiverId, event: 'hostile.happened', tenant: 't', ...span, scope: 'all', ...paced },
            { receiver: receiverId, ...span, ...ACTOR, dryRun: true },
          ),
        ],
      ],
    },
    Retention: {
      prune: [
        [
          options(
            {
              ...ACTOR,
              olderThan: '1d',
              failedOlderThan: '1d',
              receivers: [receiverId],
              dryRun: true,
              signal: undefined,
            },
            { ...ACTOR, olderThan: '1d', dryRun: true },
          ),
        ],
      ],
    },
    AuditLog: { list: [[options({ actor: 'a', action: 'receiver.paused', subject: 's', ...span, ...page })]] },
  };
}
