import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { EntityManager } from 'typeorm';
import { isInTransaction } from '../../engine/database/postgres-driver.js';
import type { EmitInput } from '../../engine/deliveries/emit-input.js';
import { JobsError } from '../../errors/jobs.error.js';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';
import { EventCatalogue } from '../definition/event-catalogue.js';
import { decodeEvent } from '../definition/event-codec.js';
import { AfterCommitRuns } from '../sending/after-commit-runs.js';
import { InProcessFailures } from '../sending/in-process-failures.js';
import { findPlainEmitter, type PlainEmitter } from './plain-emitter.js';

/**
 * Lets plain `@OnEvent` listeners of the emitting process hear reliable events after the commit, those the module's option names. What
 * they get has no guarantee: it is lost when the process ends between the commit and them.
 */
@Injectable()
export class PlainListenersBridge implements OnModuleInit {
  private readonly logger = new Logger('JobsModule');
  private readonly unseen = new Set<string>();
  private bridged: { readonly names: ReadonlySet<string>; readonly emitter: PlainEmitter } | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly catalogue: EventCatalogue,
    private readonly runs: AfterCommitRuns,
    private readonly failures: InProcessFailures,
    @Inject(JOBS_OPTIONS) private readonly options: Pick<ResolvedJobsOptions, 'bridge'>,
  ) {}

  /** Whether any event is to be heard. */
  get isOpen(): boolean {
    return this.options.bridge.length > 0;
  }

  /** @throws JobsError when there is no emitter, InvalidOptionError and EventDefinitionError when an event cannot be bridged. */
  onModuleInit(): void {
    if (this.isOpen) this.connected();
  }

  /** Has those of the emitted events heard that are to be, once the transaction they were written in has committed. */
  async carry(manager: EntityManager, emitted: readonly EmitInput[]): Promise<void> {
    const { names, emitter } = this.connected();
    const heard = emitted.filter(({ name }) => names.has(name));
    if (heard.length === 0) return;
    if (manager.queryRunner?.isTransactionActive !== true && (await isInTransaction(manager))) {
      this.warnOfUnseen(heard);
      return;
    }
    this.runs.after(manager, () => this.tell(emitter, heard));
  }

  private connected(): NonNullable<typeof this.bridged> {
    this.bridged ??= { names: this.names(), emitter: this.emitter() };
    return this.bridged;
  }

  private names(): ReadonlySet<string> {
    return new Set(this.options.bridge.map((event) => this.catalogue.resolve(event).name));
  }

  private emitter(): PlainEmitter {
    const emitter = findPlainEmitter(this.discovery);
    if (emitter !== undefined) return emitter;
    throw new JobsError(
      'JobsModule: option bridge is for @OnEvent listeners of @nestjs/event-emitter, but this application has no EventEmitterModule. ' +
        'Install the package and add EventEmitterModule.forRoot() to the imports of the root module, or leave the option out.',
    );
  }

  private async tell(emitter: PlainEmitter, events: readonly EmitInput[]): Promise<void> {
    for (const { name, version, payload } of events) {
      try {
        const definition = this.catalogue.resolve(name);
        await emitter.emitAsync(name, await decodeEvent(definition, { name, version, payload }));
      } catch (error) {
        this.failures.bridge(name, error);
      }
    }
  }

  private warnOfUnseen(events: readonly EmitInput[]): void {
    for (const { name } of events) {
      if (this.unseen.has(name)) continue;
      this.unseen.add(name);
      this.logger.warn(
        `"${name}" was emitted in a transaction that was begun by hand, whose commit TypeORM does not tell of: plain listeners do not ` +
          'hear of it, receivers do. This is said once for each name.',
      );
    }
  }
}
