import { Injectable } from '@nestjs/common';
import type { DeliveryContext, TransactionalContext } from '../../engine/deliveries/delivery-context.js';
import { ReceiverRegistry } from '../../engine/receivers/receiver-registry.js';
import { JobsError } from '../../errors/jobs.error.js';
import type { EventClass } from '../../events/definition/event-definition.js';
import { ReceiverFactory } from '../../events/receiver.factory.js';
import { resolveReceiverOptions } from '../../events/receiver-options.js';
import { OptionChecks } from '../../options/option-checks.js';
import { isPermanentFailure } from '../triggers/permanent-failure.js';
import { JobTypeRegistry } from '../types/job-type.registry.js';
import { JobChanges } from '../verbs/job-changes.js';
import { JobClosing } from '../verbs/job-closing.js';
import { JobRequests } from '../verbs/job-requests.js';
import { CompleteJob } from './complete-job.js';
import { RequestJob } from './request-job.js';

const SUBJECT = ['target', 'key', 'tenant', 'by', 'note'] as const;
const REQUEST = [
  ...SUBJECT,
  'assignee',
  'candidates',
  'metadata',
  'dueIn',
  'expiresIn',
  'priority',
  'tags',
  'unique',
  'onRepeat',
] as const;
const TIMES = ['dueAt', 'expiresAt'] as const;
const COMPLETE_ONE = ['by', 'note', 'outcome', 'result', 'metadata'] as const;
const COMPLETE = [...SUBJECT, ...COMPLETE_ONE] as const;

type Command = Readonly<Record<string, unknown>>;

/**
 * Carries out the commands to jobs, in processes that provide types of job. They do what the service does; what they lead to is told by
 * events of other names, which are not handled here.
 */
@Injectable()
export class CommandReceivers {
  private readonly requests: JobRequests;
  private readonly closing: JobClosing;
  private registered = false;

  constructor(
    private readonly types: JobTypeRegistry,
    private readonly factory: ReceiverFactory,
    private readonly registry: ReceiverRegistry,
    changes: JobChanges,
  ) {
    this.requests = new JobRequests(changes);
    this.closing = new JobClosing(changes);
  }

  /** Registers their receivers, once however often it is asked. */
  register(): void {
    if (this.registered || this.types.all().length === 0) return;
    this.registered = true;
    this.add('jobs.request', RequestJob, (command, context) => this.request(command, context));
    this.add('jobs.complete', CompleteJob, (command, context) => this.complete(command, context));
  }

  private add(
    id: string,
    event: EventClass,
    carryOut: (command: Command, context: TransactionalContext) => Promise<unknown>,
  ): void {
    const checks = new OptionChecks(event.name);
    const reception = this.factory.receptionOf(id, [{ event, options: {} }], checks);
    this.registry.add(
      {
        id,
        subscriptions: reception.subscriptions,
        reach: 'reliable',
        ...resolveReceiverOptions({ transactional: true, retry: { nonRetryable: isPermanentFailure } }, checks),
        invoke: async (stored, context) => {
          const command = (await reception.decode(stored, context)) as Command;
          return carryOut(command, transactional(context));
        },
      },
      { declaredBy: event, className: event.name, methodName: 'handle', moduleName: 'JobsModule' },
    );
  }

  private async request(command: Command, context: TransactionalContext): Promise<void> {
    const options = { ...inTenant(context), ...said(command, REQUEST), ...momentsOf(command) };
    await this.requests.request(typeNameOf(command), { ...options, manager: context.manager });
  }

  private async complete(command: Command, context: TransactionalContext): Promise<void> {
    const { manager } = context;
    const { id } = command;
    if (typeof id === 'string') {
      await this.closing.complete(id, { ...said(command, COMPLETE_ONE), manager });
      return;
    }
    const { target } = this.types.get(typeNameOf(command));
    await this.closing.complete(target, { ...inTenant(context), ...said(command, COMPLETE), manager });
  }
}

/** What a command says of the given fields. Senders without types write null for what they do not say. */
function said(command: Command, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = command[field];
      const isSaid = value !== undefined && (value !== null || field === 'assignee');
      return isSaid ? [[field, value]] : [];
    }),
  );
}

function inTenant({ tenant }: TransactionalContext): { tenant?: string } {
  return tenant === null ? {} : { tenant };
}

function momentsOf(command: Command): Record<string, Date> {
  return Object.fromEntries(
    TIMES.flatMap((field) => {
      const at = command[field];
      // Whatever is no text becomes no valid date, which is refused by name.
      return at === undefined || at === null ? [] : [[field, new Date(typeof at === 'string' ? at : Number.NaN)]];
    }),
  );
}

function typeNameOf({ type }: Command): string {
  if (typeof type === 'string') return type;
  throw new JobsError('type: the command names no type of job; send its name, such as onboarding.add-payment-method.');
}

function transactional(context: DeliveryContext | TransactionalContext): TransactionalContext {
  if ('manager' in context) return context;
  throw new Error('A command is carried out in a transaction.');
}
