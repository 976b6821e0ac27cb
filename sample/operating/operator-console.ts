import { Injectable } from '@nestjs/common';

import {
  AuditLog,
  DeadLetters,
  Deliveries,
  EventLog,
  Health,
  type OpenDeliveryState,
  Processes,
  Receivers,
} from '../../lib/index.js';
import { CommandCall } from './command-call.js';
import { UsageError } from './usage.error.js';

interface Command {
  readonly options: readonly string[];
  run(call: CommandCall): Promise<unknown>;
}

const FAILURE = ['receiver', 'event', 'error', 'error-group', 'tenant', 'correlation-id'];
const SPAN = ['from', 'to'];
const PAGE = ['limit', 'after'];
const PACE = ['as', 'rate', 'dry-run', ...PAGE];
const STATES: readonly OpenDeliveryState[] = ['waiting', 'delayed', 'retrying', 'running'];

/** What an operator asks and does, as commands: each calls one public service and answers what that answers. */
@Injectable()
export class OperatorConsole {
  private readonly commands: Readonly<Record<string, Command>> = {
    health: { options: [], run: () => this.health.check() },
    processes: { options: PAGE, run: (call) => this.processes.list(pageOf(call)) },
    receivers: { options: PAGE, run: (call) => this.receivers.overview(pageOf(call)) },
    pause: { options: ['as'], run: (call) => this.receivers.pause(call.subject, actorOf(call)) },
    resume: { options: ['as'], run: (call) => this.receivers.resume(call.subject, actorOf(call)) },
    retire: { options: ['as'], run: (call) => this.receivers.retire(call.subject, actorOf(call)) },
    open: { options: FAILURE, run: (call) => this.countOpen(call) },
    deliveries: {
      options: [...FAILURE, 'state', ...SPAN, ...PAGE],
      run: (call) =>
        this.deliveries.list({
          ...failureOf(call),
          state: call.oneOf('state', STATES),
          ...spanOf(call),
          ...pageOf(call),
        }),
    },
    delivery: { options: [], run: (call) => this.deliveries.find(call.subject) },
    retry: { options: ['as'], run: (call) => this.deliveries.retry(call.subjects, actorOf(call)) },
    discard: {
      options: ['as', 'reason'],
      run: (call) => this.deliveries.discard(call.subjects, { ...actorOf(call), reason: call.needed('reason') }),
    },
    errors: { options: ['receiver'], run: (call) => this.errors(call) },
    'dead-letters': {
      options: [...FAILURE, 'kind', ...SPAN, ...PAGE],
      run: (call) =>
        this.deadLetters.list({
          ...failureOf(call),
          kind: call.oneOf('kind', ['dead', 'discarded']),
          ...spanOf(call),
          ...pageOf(call),
        }),
    },
    'dead-letter': { options: [], run: (call) => this.deadLetters.find(call.subject) },
    redrive: {
      options: [...FAILURE, ...SPAN, ...PACE],
      run: (call) => this.deadLetters.redriveMatching({ ...failureOf(call), ...spanOf(call) }, paceOf(call)),
    },
    settle: {
      options: ['as', 'reason'],
      run: (call) => this.deadLetters.discard(call.subjects, { ...actorOf(call), reason: call.needed('reason') }),
    },
    events: {
      options: ['event', 'tenant', 'correlation-id', ...SPAN, ...PAGE],
      run: (call) =>
        this.events.list({
          event: call.text('event'),
          tenant: call.text('tenant'),
          correlationId: call.text('correlation-id'),
          ...spanOf(call),
          ...pageOf(call),
        }),
    },
    status: { options: [], run: (call) => this.events.status(call.subject) },
    replay: {
      options: ['as', 'receiver'],
      run: (call) => this.events.replay(call.subject, { ...actorOf(call), receiver: call.text('receiver') }),
    },
    'replay-span': {
      options: ['receiver', 'event', 'tenant', 'scope', ...SPAN, ...PACE],
      run: (call) =>
        this.events.replaySpan({
          receiver: call.needed('receiver'),
          event: call.text('event'),
          tenant: call.text('tenant'),
          scope: call.oneOf('scope', ['all', 'missed']),
          from: call.neededTime('from'),
          to: call.neededTime('to'),
          ...paceOf(call),
        }),
    },
    audit: {
      options: ['actor', 'subject', ...SPAN, ...PAGE],
      run: (call) =>
        this.audit.list({
          actor: call.text('actor'),
          subject: call.text('subject'),
          ...spanOf(call),
          ...pageOf(call),
        }),
    },
  };

  constructor(
    private readonly health: Health,
    private readonly processes: Processes,
    private readonly receivers: Receivers,
    private readonly deliveries: Deliveries,
    private readonly deadLetters: DeadLetters,
    private readonly events: EventLog,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @param args name of the command, then what it is about and its options.
   * @throws UsageError when there is no such command, or it takes something else.
   */
  async run([name = '', ...args]: readonly string[]): Promise<unknown> {
    const command = Object.hasOwn(this.commands, name) ? this.commands[name] : undefined;
    if (command === undefined) {
      throw new UsageError(`There is no command "${name}"; there are ${Object.keys(this.commands).join(', ')}.`);
    }
    return command.run(CommandCall.parse(args, command.options));
  }

  private async countOpen(call: CommandCall): Promise<unknown> {
    const counts = STATES.map(async (state) => {
      const { count, capped } = await this.deliveries.count({ ...failureOf(call), state });
      return [state, capped ? `${count}+` : count] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  }

  private async errors(call: CommandCall): Promise<unknown> {
    const options = { receiver: call.text('receiver') };
    const [retried, dead] = await Promise.all([this.deliveries.errors(options), this.deadLetters.errors(options)]);
    return { retried: retried.items, dead: dead.items };
  }
}

function actorOf(call: CommandCall): { actor: string } {
  return { actor: call.needed('as') };
}

function failureOf(
  call: CommandCall,
): Record<'receiver' | 'event' | 'error' | 'errorGroup', string | undefined> &
  Record<'tenant' | 'correlationId', string | undefined> {
  return {
    receiver: call.text('receiver'),
    event: call.text('event'),
    error: call.text('error'),
    errorGroup: call.text('error-group'),
    tenant: call.text('tenant'),
    correlationId: call.text('correlation-id'),
  };
}

function spanOf(call: CommandCall): { from: Date | undefined; to: Date | undefined } {
  return { from: call.time('from'), to: call.time('to') };
}

function pageOf(call: CommandCall): { limit: number | undefined; after: string | undefined } {
  return { limit: call.number('limit'), after: call.text('after') };
}

function paceOf(call: CommandCall) {
  return { ...actorOf(call), ...pageOf(call), rate: call.number('rate'), dryRun: call.flag('dry-run') };
}
