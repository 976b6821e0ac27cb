import { Inject, Injectable, Logger } from '@nestjs/common';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import { OptionChecks } from '../../options/option-checks.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';
import { describeError } from '../text/describe-error.js';
import { escapeForLog } from '../text/escape-for-log.js';
import { stackForLog } from '../text/stack-for-log.js';
import { LifecycleChannel } from './lifecycle-channel.js';
import type { LifecycleEvent, LifecycleEvents, LifecycleName } from './lifecycle-events.interface.js';

type Channels = { readonly [Name in LifecycleName]: LifecycleChannel<LifecycleEvents[Name]> };

const checks = new OptionChecks('Lifecycle');

/**
 * Tells the application what the engine does in this process, as it happens: for metrics, traces and alerts.
 *
 * Listeners are no receivers: what a process did not come to tell before it died is never told, and a listener that fails is logged and
 * changes nothing.
 *
 * @publicApi
 */
@Injectable()
export class Lifecycle {
  private readonly logger = new Logger('Lifecycle');
  private readonly faulty = new Set<LifecycleName>();
  private readonly channels: Channels = {
    emitted: new LifecycleChannel(),
    started: new LifecycleChannel(),
    succeeded: new LifecycleChannel(),
    failed: new LifecycleChannel(),
    retried: new LifecycleChannel(),
    dead: new LifecycleChannel(),
    discarded: new LifecycleChannel(),
    interrupted: new LifecycleChannel(),
    lost: new LifecycleChannel(),
    acted: new LifecycleChannel(),
    paused: new LifecycleChannel(),
    resumed: new LifecycleChannel(),
    concurrencyChanged: new LifecycleChannel(),
    retired: new LifecycleChannel(),
  };
  private count = 0;

  constructor(@Inject(JOBS_OPTIONS) private readonly options: Pick<ResolvedJobsOptions, 'redact'>) {}

  /**
   * Calls back each time something happens. The listener is called synchronously, so it should be quick; a promise it returns is not
   * waited for. What it throws, or rejects with, is logged once for each name.
   *
   * @returns a function that ends it.
   * @throws InvalidOptionError when there is nothing of that name, or the listener is no function.
   */
  on<Name extends LifecycleName>(name: Name, listener: (event: LifecycleEvents[Name]) => unknown): () => void {
    checks.oneOf('name', name, this.names);
    checks.callable('listener', listener, 'a function (event) => void');
    return this.counted(this.channels[name].add(listener));
  }

  /**
   * Calls back each time anything happens, with its name as `kind`.
   *
   * @returns a function that ends it.
   * @throws InvalidOptionError when the listener is no function.
   */
  onAny(listener: (event: LifecycleEvent) => unknown): () => void {
    checks.callable('listener', listener, 'a function (event) => void');
    const ends = this.names.map((kind) =>
      this.counted(this.channels[kind].add((event: object) => listener({ kind, ...event } as LifecycleEvent))),
    );
    return () => ends.forEach((end) => end());
  }

  /**
   * Whether anybody listens to anything: asked before a hook is put together, which so costs nothing where nobody does.
   *
   * @internal
   */
  get isHeard(): boolean {
    return this.count > 0;
  }

  /**
   * Whether anybody listens to `name`.
   *
   * @internal
   */
  hears(name: LifecycleName): boolean {
    return this.channels[name].isHeard;
  }

  /**
   * Tells listeners; never throws.
   *
   * @internal
   */
  tell<Name extends LifecycleName>(name: Name, event: LifecycleEvents[Name]): void {
    const channel: LifecycleChannel<LifecycleEvents[Name]> = this.channels[name];
    channel.tell(event, (error) => this.report(name, error));
  }

  private get names(): readonly LifecycleName[] {
    return Object.keys(this.channels) as LifecycleName[];
  }

  private counted(end: () => void): () => void {
    this.count += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.count -= 1;
      end();
    };
  }

  private report(name: LifecycleName, error: unknown): void {
    if (this.faulty.has(name)) return;
    this.faulty.add(name);
    const described = describeError(error, this.options.redact);
    this.logger.error(
      escapeForLog(
        `A listener to "${name}" failed, which keeps nothing from going on; logged once for each name: ` +
          `${described.name}: ${described.message}`,
      ),
      stackForLog(described.name, described.stack),
    );
  }
}
