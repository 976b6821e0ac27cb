import { types } from 'node:util';
import { checkTenant } from '../../events/payload/check-labels.js';
import type { JobTypeRegistry } from '../types/job-type.registry.js';
import { FURTHEST, JobChecks, storable } from '../verbs/job-checks.js';
import type { CreatedSpan, InsightScope } from './insight-options.interface.js';
import type { SpanInput, ScopeInput } from './insight-store.js';

const TYPES_LIMIT = 100;
const TYPE_LENGTH = 255;
const BOUNDS_LIMIT = 20;
const PAGE = { min: 1, max: 1_000 } as const;
const DEFAULT_PAGE = 100;
/** Milliseconds of a day of 24 hours. */
export const DAY = 86_400_000;

/** Names of the options every figure takes. */
const SCOPE_OPTIONS: readonly (keyof InsightScope)[] = ['manager', 'types', 'tenant'];

/** Checks what a figure was asked for. */
export class InsightChecks extends JobChecks {
  constructor(
    place: string,
    private readonly registry: JobTypeRegistry,
  ) {
    super(place);
  }

  /** Which jobs a figure is about; refuses options it does not know. */
  scope(options: InsightScope, known: readonly string[]): ScopeInput {
    this.options(options, [...SCOPE_OPTIONS, ...known]);
    return { types: this.typeNames(options.types), tenant: this.tenant(options.tenant) };
  }

  /** Tenant to restrict to: of jobs without one it is the empty text. */
  tenant(tenant: unknown): string | null {
    return tenant === '' ? '' : checkTenant(tenant);
  }

  limit(value: unknown): number {
    return this.integer('limit', value ?? DEFAULT_PAGE, PAGE);
  }

  span(span: CreatedSpan | undefined): SpanInput {
    if (span === undefined) return { from: null, to: null };
    if (types.isDate(span)) throw this.invalid('created', 'an object such as { from: new Date() }', span);
    this.object('created', span, ['from', 'to']);
    const from = span.from === undefined ? null : this.moment('created.from', span.from);
    const to = span.to === undefined ? null : this.moment('created.to', span.to);
    if (from !== null && to !== null && from >= to) throw this.invalid('created.to', 'after created.from', to);
    return { from, to };
  }

  /** Ends of age columns in milliseconds. */
  bounds(values: unknown): readonly number[] {
    const expectation = `a list of 1 to ${BOUNDS_LIMIT} durations such as '1d'`;
    const list = this.items('bounds', values, BOUNDS_LIMIT, expectation);
    if (list.length === 0) throw this.invalid('bounds', expectation, values);
    const bounds = list.map((value, index) => this.duration(`bounds[${index}]`, value, { min: 1, max: FURTHEST }));
    bounds.forEach((bound, index) => {
      if (bound > (bounds[index - 1] ?? 0)) return;
      throw this.invalid(`bounds[${index}]`, 'longer than the one before', list[index]);
    });
    return bounds;
  }

  /** Whole days of a duration. */
  days(option: string, value: unknown, most: number): number {
    const milliseconds = this.duration(option, value, { min: DAY, max: most * DAY });
    if (milliseconds % DAY === 0) return milliseconds / DAY;
    throw this.invalid(option, "whole days, such as '7d'", value);
  }

  /** A time zone by its name; PostgreSQL would read others as offsets with the sign turned round. */
  timeZone(value: unknown): string {
    const expectation = "an IANA time zone, such as 'Europe/Madrid'";
    const timeZone = this.text('timeZone', value, expectation);
    try {
      if (/^[a-z]/i.test(timeZone)) {
        return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
      }
    } catch {
      // Said below.
    }
    throw this.invalid('timeZone', expectation, value);
  }

  private typeNames(given: unknown): readonly string[] | null {
    if (given === undefined) return null;
    const expectation = `a list of 1 to ${TYPES_LIMIT} types`;
    const list = this.items('types', given, TYPES_LIMIT, expectation);
    if (list.length === 0) throw this.invalid('types', expectation, given);
    return list.map((type, index) =>
      typeof type === 'function'
        ? this.registry.get(type as never).definition.name
        : storable(`types[${index}]`, this.words(`types[${index}]`, type, TYPE_LENGTH)),
    );
  }
}
