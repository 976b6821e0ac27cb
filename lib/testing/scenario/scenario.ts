import { JobsError } from '../../errors/jobs.error.js';
import type { EventInstance, EventOutput, EventReference } from '../../events/definition/event-types.js';
import { Emission } from '../../events/emission.js';
import type { DeliveredRun } from '../driver/delivered-run.js';
import type { JobsTesting } from '../jobs-testing.js';
import { nameOfEvent } from '../matching/name-of-event.js';
import { show } from '../matching/show.js';
import type { RecordedEmission } from '../record/recorded-emission.js';

/** What a condition answers while it does not hold. */
type NotYet = undefined | null | false;

/**
 * What shall come about, and how long to go on for it. Nothing waits for time: deliveries are run one by one until it holds, or none is left.
 *
 * @publicApi
 */
export class Scenario {
  private delayed = false;

  /** @internal */
  constructor(
    private readonly jobs: JobsTesting,
    private readonly stimulus: (() => unknown) | EventInstance | Emission,
  ) {}

  /** Goes on with what is due later, retries included; the clock is moved on to each in turn. */
  withDelayed(): this {
    this.delayed = true;
    return this;
  }

  /**
   * Does the work, and runs deliveries until a condition holds.
   *
   * @param condition answers with something other than `undefined`, `null` and `false` when it holds; while it throws, as a failed
   * assertion does, it does not hold.
   * @returns what it answered.
   * @throws JobsError when it does not hold and nothing is left to run; it says what ran.
   */
  async until<Value>(condition: () => Value | Promise<Value>): Promise<Exclude<Value, NotYet>> {
    await this.start();
    const runs: DeliveredRun[] = [];
    for (;;) {
      const held = await attempt(condition);
      if (held.holds) return held.value;
      const next = await this.next();
      if (next === undefined) throw new JobsError(inVain(runs, held.error), { cause: held.error });
      runs.push(next);
    }
  }

  /**
   * Does the work, and runs deliveries until an event was emitted.
   *
   * @returns its payload, as receivers get it.
   * @throws the same as {@link until}.
   */
  async untilEmitted<Reference extends EventReference>(
    event: Reference,
    payload?: Partial<EventOutput<Reference>>,
  ): Promise<EventOutput<Reference>> {
    const before = new Set(this.jobs.emitted().map(({ id }) => id));
    const find = (): RecordedEmission | undefined =>
      this.jobs.emitted(event, payload).find(({ id }) => !before.has(id));
    const emission = await this.until(() => {
      const found = find();
      if (found === undefined) throw new JobsError(`${nameOfEvent(event)}${wanted(payload)} was not emitted.`);
      return found;
    });
    return emission.payload as EventOutput<Reference>;
  }

  /**
   * Does the work, and runs everything that it leads to.
   *
   * @returns what ran.
   */
  async toItsEnd(): Promise<readonly DeliveredRun[]> {
    await this.start();
    return this.jobs.drain({ withDelayed: this.delayed });
  }

  private async start(): Promise<void> {
    const { stimulus } = this;
    if (typeof stimulus === 'function') await stimulus();
    else await this.jobs.emit(stimulus);
    if (this.jobs.mode === 'inline') await this.jobs.settled();
  }

  private async next(): Promise<DeliveredRun | undefined> {
    const ran = await this.jobs.runNext();
    if (ran !== undefined || !this.delayed) return ran;
    return (await this.jobs.drain({ until: () => true, withDelayed: true }))[0];
  }
}

type Held<Value> =
  { readonly holds: true; readonly value: Exclude<Value, NotYet> } | { readonly holds: false; readonly error: unknown };

async function attempt<Value>(condition: () => Value | Promise<Value>): Promise<Held<Value>> {
  try {
    const value = await condition();
    if (value === undefined || value === null || value === false) return { holds: false, error: undefined };
    return { holds: true, value: value as Exclude<Value, NotYet> };
  } catch (error) {
    return { holds: false, error };
  }
}

function inVain(runs: readonly DeliveredRun[], error: unknown): string {
  const ran =
    runs.length === 0
      ? 'No delivery was ready; was something emitted, and is a receiver registered for it?'
      : `These ran:\n${runs.map(({ receiver, event, outcome, error: thrown }) => `  ${receiver} on ${event}: ${outcome}${thrown === undefined ? '' : ` (${messageOf(thrown)})`}`).join('\n')}`;
  const why = error === undefined ? '' : `\nThe condition last said: ${messageOf(error)}`;
  return `The scenario waited in vain: nothing is left to run, and the condition does not hold. ${ran}${why}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : show(error);
}

function wanted(payload: unknown): string {
  return payload === undefined ? '' : ` with ${show(payload)}`;
}
