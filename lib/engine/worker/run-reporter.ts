import { Logger } from '@nestjs/common';

import { EventNotUnderstoodError } from '../../errors/event-not-understood.error.js';
import type { JobsErrorContext } from '../../options/jobs-module-options.interface.js';
import { type ClaimedDelivery, deliveryId } from '../deliveries/claimed-delivery.js';
import { escapeForLog } from '../text/escape-for-log.js';
import { describeError, type RedactText } from '../text/describe-error.js';
import { stackForLog } from '../text/stack-for-log.js';
import type { ExecutedRun } from './executor.js';
import type { Run } from './run.js';

/** Called with every error a receiver ends with. */
export type ErrorHook = (error: unknown, context: JobsErrorContext) => void;

type Consequence = NonNullable<JobsErrorContext['outcome']>;

/** Makes every end of a run known that is not a plain success: in the log with its stack, and to the error hook. */
export class RunReporter {
  private readonly logger = new Logger('Receiver');
  /** What was said once is not said for each delivery. */
  private readonly waits = new Set<string>();

  constructor(
    private readonly redact: RedactText,
    private readonly onError: ErrorHook | undefined,
  ) {}

  finished(run: Run, { outcome, error }: ExecutedRun): void {
    switch (outcome.kind) {
      case 'acknowledged':
        return;
      case 'committed':
        if (error !== undefined)
          this.failed(run, error, 'committed', 'after its transaction had committed; it is not run again');
        return;
      case 'postponed':
        if (outcome.failure === null) this.postponed(run, outcome.delay, error);
        else this.failed(run, error, 'retry', `and is run again in ${Math.round(outcome.delay)} ms`);
        return;
      case 'dead':
        this.failed(run, error, 'dead', `and is a dead letter now (${outcome.reason})`);
        return;
      case 'discarded':
        this.logger.log(escapeForLog(`${this.title(run)} discarded the event: ${outcome.reason}`));
        return;
      case 'interrupted':
        this.logger.warn(`${this.title(run)} was interrupted and is handed back`);
        return;
      case 'lost':
        this.lost(run.delivery);
    }
  }

  /** A claim that was somebody else's by the time its outcome was to be written. */
  lost(delivery: ClaimedDelivery): void {
    this.logger.warn(
      `Claim ${delivery.claims} on delivery ${deliveryId(delivery)} had been lost; its outcome is dropped and changes nothing`,
    );
  }

  /** Deliveries that shared a transaction, which was rolled back. */
  groupUndone(receiverId: string, count: number, error: unknown): void {
    const { name, message } = describeError(error, this.redact);
    this.logger.warn(
      escapeForLog(
        `The transaction of ${count} deliveries of ${receiverId} was rolled back, and each is run again on its own: ${name}: ${message}`,
      ),
    );
  }

  private postponed(run: Run, delay: number, error: unknown): void {
    this.logger.debug(`${this.title(run)} asked to run again in ${Math.round(delay)} ms`);
    if (!(error instanceof EventNotUnderstoodError)) return;
    const wait = `${run.receiverId} ${run.eventName} ${run.eventVersion}`;
    if (this.waits.has(wait)) return;
    this.waits.add(wait);
    this.logger.warn(escapeForLog(error.message));
  }

  private failed(run: Run, error: unknown, outcome: Consequence, consequence: string): void {
    const { name, message, stack } = describeError(error, this.redact);
    const line = `${this.title(run)} failed in attempt ${run.attempt} ${consequence}: ${name}: ${message}`;
    this.logger.error(escapeForLog(line), stackForLog(name, stack));
    this.callHook(error, run, outcome);
  }

  private callHook(error: unknown, run: Run, outcome: Consequence): void {
    if (this.onError === undefined) return;
    const { deliveryId: id, eventId, eventName, receiverId, attempt } = run;
    const context = { activity: 'delivery', deliveryId: id, eventId, eventName, receiverId, attempt, outcome };
    try {
      // Its type allows a hook that returns a promise, whose rejection nobody else would handle.
      const hook: (...values: Parameters<ErrorHook>) => unknown = this.onError;
      const answer = hook(error, context);
      if (answer instanceof Promise) answer.catch((hookError: unknown) => this.hookFailed(hookError));
    } catch (hookError) {
      this.hookFailed(hookError);
    }
  }

  private hookFailed(error: unknown): void {
    this.logger.error(escapeForLog(`The onError hook threw: ${describeError(error, this.redact).message}`));
  }

  private title(run: Run): string {
    return escapeForLog(`${run.receiverId} on ${run.eventName} (${run.deliveryId})`);
  }
}
