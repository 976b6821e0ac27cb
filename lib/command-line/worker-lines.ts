import { Logger } from '@nestjs/common';
import { hostname } from 'node:os';
import { escapeForLog } from '../engine/text/escape-for-log.js';
import type { LifecycleDelivery, LifecycleRun } from '../engine/lifecycle/lifecycle-events.interface.js';
import type { Lifecycle } from '../engine/lifecycle/lifecycle.service.js';

type Fields = Readonly<Record<string, string | number | undefined | null>>;

/** What a worker says when it begins. */
export interface BeginningWorker {
  readonly id: number;
  readonly label: string | undefined;
  readonly dataSource: string;
  readonly receivers: readonly string[];
}

/** Whatever needs quotes to be told from what comes after it. */
const PLAIN = /^[^\s"=\\]+$/;

/**
 * What a worker's process does, in lines that programs can read: a word, and fields as `name=value`. Values come from the application, so
 * none of them can end a line or look like a field.
 */
export class WorkerLines {
  private readonly logger = new Logger('Worker');

  begins({ id, label, dataSource, receivers }: BeginningWorker): void {
    this.write('STARTED', {
      worker: id,
      id: label,
      host: hostname(),
      pid: process.pid,
      'data-source': dataSource,
      receivers: receivers.join(','),
    });
  }

  /** Its process was told to end, or to end at once. */
  stops(what: 'STOPPING' | 'FORCED', signal: string): void {
    this.write(what, { signal });
  }

  /** Says of each run that it begins, and what became of it. */
  follow(lifecycle: Lifecycle): void {
    lifecycle.on('started', (delivery) => this.write('RUNNING', fieldsOf(delivery)));
    lifecycle.on('succeeded', (run) => this.write('SUCCEEDED', ended(run)));
    lifecycle.on('failed', (run) =>
      this.write('FAILED', { ...ended(run), error: nameOf(run.error), next: run.outcome }),
    );
    lifecycle.on('retried', (run) => {
      if (!run.failed) this.write('POSTPONED', { ...ended(run), delay: Math.round(run.delay) });
    });
    lifecycle.on('discarded', (run) => this.write('DISCARDED', { ...ended(run), reason: run.reason }));
    lifecycle.on('interrupted', (run) => this.write('INTERRUPTED', ended(run)));
    lifecycle.on('lost', (run) => this.write('LOST', ended(run)));
  }

  private write(what: string, fields: Fields): void {
    const written = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [`${name}=${shown(String(value))}`],
    );
    this.logger.log([what, ...written].join(' '));
  }
}

function fieldsOf({ deliveryId, receiverId, eventName, attempt, correlationId }: LifecycleDelivery): Fields {
  return { delivery: deliveryId, receiver: receiverId, event: eventName, attempt, correlation: correlationId };
}

function ended(run: LifecycleRun): Fields {
  return { ...fieldsOf(run), milliseconds: Math.round(run.duration) };
}

function shown(value: string): string {
  if (PLAIN.test(value) && escapeForLog(value) === value) return value;
  return `"${escapeForLog(value.replace(/["\\]/g, '\\$&'))}"`;
}

/** Its class alone: what else there is to say of it is in the log already, redacted and with its stack. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
