import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { EmitInput, EmitInputOptions } from '../engine/deliveries/emit-input.js';
import { LANES_PER_RECEIVER } from '../engine/deliveries/emit.statements.js';
import { PRIORITY_BANDS } from '../engine/claiming/ready-bounds.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { emitChecks } from './check-emit-options.js';
import { EventCatalogue } from './definition/event-catalogue.js';
import { encodeEvent } from './definition/event-codec.js';
import { candidatePatterns } from './definition/event-name.js';
import type { EventOptions } from './emit-options.interface.js';
import type { Emission } from './emission.js';
import { isoTimeOf } from '../options/readable.js';
import { checkCorrelationId, checkKey, checkTags, checkTenant } from './payload/check-labels.js';
import { deduplicationHash } from './payload/deduplication-hash.js';
import { headersOf } from './payload/event-headers.js';

const DEFAULT_PRIORITY = 4;
const ISO_WITH_ZONE = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/;

/** Checks what an emitter hands in, before anything is written, and makes the rows of it. */
@Injectable()
export class EmitInputFactory {
  private readonly patternsByName = new Map<string, readonly string[]>();

  constructor(
    private readonly catalogue: EventCatalogue,
    @Inject(JOBS_OPTIONS) private readonly options: ResolvedJobsOptions,
  ) {}

  /**
   * The row of one event.
   *
   * @throws PayloadError, EventSchemaError, EventDefinitionError, InvalidOptionError, DurationError naming what is wrong and the remedy.
   */
  async create({ reference, payload, options }: Emission): Promise<EmitInput> {
    const definition =
      reference === undefined ? this.catalogue.definitionOf(payload as object) : this.catalogue.resolve(reference);
    const encoded = encodeEvent(definition, payload, this.options.limits.payload, 'limits.payload');
    return {
      name: definition.name,
      version: definition.version,
      patterns: this.patternsOf(definition.name),
      payload: typeof encoded === 'string' ? encoded : await encoded,
      options: this.rowOptions(definition.name, options),
    };
  }

  private rowOptions(name: string, options: EventOptions): EmitInputOptions {
    const { retain } = options;
    const { retention } = this.options;
    const key = checkKey(options.key) ?? undefined;
    const tenant = checkTenant(options.tenant) ?? undefined;
    // One literal: making it of parts by spreading them takes longer than all checks.
    return {
      priority: priorityOf(options),
      retain: retain === undefined ? retention : emitChecks.duration('retain', retain),
      delay: delayOf(options),
      runAt: momentOf(options),
      headers: headersOf(options),
      key,
      keyLane: key === undefined ? undefined : laneOf(key),
      tenant,
      correlationId: checkCorrelationId(options.correlationId) ?? undefined,
      tags: checkTags(options.tags) ?? undefined,
      deduplication: deduplicationOf(name, tenant, options),
      deduplicationWindow: windowOf(options, retention),
    };
  }

  private patternsOf(name: string): readonly string[] {
    let patterns = this.patternsByName.get(name);
    if (patterns === undefined) this.patternsByName.set(name, (patterns = candidatePatterns(name)));
    return patterns;
  }
}

/** Stable across processes and versions: rows written today are ordered by it tomorrow. */
function laneOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE() % LANES_PER_RECEIVER;
}

function priorityOf({ priority = DEFAULT_PRIORITY }: EventOptions): number {
  return emitChecks.integer('priority', priority, { min: 0, max: PRIORITY_BANDS - 1 });
}

function delayOf({ delay }: EventOptions): number | undefined {
  return delay === undefined ? undefined : emitChecks.duration('delay', delay);
}

function momentOf({ delay, runAt }: EventOptions): string | undefined {
  if (runAt === undefined) return undefined;
  if (delay !== undefined) throw emitChecks.invalid('runAt', 'left out when delay is given', runAt);
  const moment = isoTimeOf(typeof runAt === 'string' && ISO_WITH_ZONE.test(runAt) ? new Date(runAt) : runAt);
  if (moment === undefined) {
    throw emitChecks.invalid(
      'runAt',
      "a valid Date, or ISO text with a time zone such as '2030-01-31T08:00:00Z'",
      runAt,
    );
  }
  return moment;
}

function deduplicationOf(event: string, tenant: string | undefined, { dedupeKey }: EventOptions): string | undefined {
  if (dedupeKey === undefined) return undefined;
  return deduplicationHash(dedupeKey, { event, tenant: tenant ?? null }).toString('hex');
}

function windowOf({ dedupeKey, dedupeWindow }: EventOptions, retention: number): number | undefined {
  if (dedupeWindow === undefined) return dedupeKey === undefined ? undefined : retention;
  if (dedupeKey === undefined) throw emitChecks.invalid('dedupeWindow', 'left out without a dedupeKey', dedupeWindow);
  return emitChecks.duration('dedupeWindow', dedupeWindow);
}
