import { JobsError } from '../../errors/jobs.error.js';
import { isList, isoTimeOf, listOf } from '../../options/readable.js';
import { JOB_PHASES } from '../model/job-phase.js';
import { JOB_CLOSE_REASONS, JOB_STATUSES } from '../model/job.js';
import { checkPrincipal } from '../model/principal.js';
import type { TargetReference } from '../targets/job-target.js';
import type { TargetClass, TargetResolver } from '../targets/target-resolver.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { JobTypeRegistry } from '../types/job-type.registry.js';
import { PRIORITY } from '../verbs/job-checks.js';
import type { CheckedJobFilter, CheckedMetadata, CheckedSpan } from './checked-job-filter.js';
import type { JobFilter } from './job-filter.interface.js';
import { QueryChecks } from './query-checks.js';

const LIST_LIMIT = 100;
const GROUP_LIMIT = 10;
const DEPTH_LIMIT = 3;
const TOTAL_GROUPS = 30;
const PATH_LIMIT = 10;
const METADATA_LIMIT = 10;
const NAME_LIMIT = 100;
const TEXT_LIMIT = 255;
const VALUE_LIMIT = 1_000;
const HIGHEST = 2 ** 31 - 1;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})$/;

type Fields = { readonly [Field in keyof JobFilter]-?: (path: string, value: unknown) => CheckedJobFilter[Field] };

/** Reads filters, whoever wrote them; every refusal names the path of the field and says what it must be. */
export class JobFilterReader {
  private readonly checks: QueryChecks;
  private groups = 0;
  private expected: TargetClass | undefined;
  private readonly fields: Fields;
  private readonly known: readonly string[];

  /** @param place what the filter was given to, for errors. */
  constructor(
    place: string,
    private readonly types: JobTypeRegistry,
    private readonly targets: TargetResolver,
  ) {
    const checks = new QueryChecks(place);
    this.checks = checks;
    this.fields = this.readers(checks);
    this.known = Object.keys(this.fields);
  }

  /**
   * @param path of the filter, for errors.
   * @throws InvalidOptionError, UnknownOptionError, DurationError, PayloadError, JobsError naming the path of the field.
   */
  read(filter: unknown, path = 'filter', depth = 0): CheckedJobFilter {
    const given = this.checks.object(path, filter, this.known);
    const outer = this.expected;
    const checked: Record<string, unknown> = {};
    // In one order, so that filters that say the same are the same text.
    for (const field of this.known) {
      const value = given[field];
      if (value === undefined || field === 'or') continue;
      checked[field] = this.fields[field as keyof JobFilter](`${path}.${field}`, value);
    }
    if (given['or'] !== undefined) checked['or'] = this.alternatives(`${path}.or`, given['or'], depth + 1);
    this.expected = outer;
    return checked;
  }

  private readers(checks: QueryChecks): Fields {
    const texts = (limit: number) => (path: string, value: unknown) =>
      this.list(path, value, (at, one) => checks.words(at, one, limit));
    const principals = (path: string, value: unknown): readonly string[] => this.list(path, value, checkPrincipal);
    const chosen =
      <const Choice extends string>(choices: readonly Choice[]) =>
      (path: string, value: unknown) =>
        this.list(path, value, (at, one) => checks.oneOf(at, one, choices));
    const flag = (path: string, value: unknown): boolean => checks.boolean(path, value);
    const ahead = (path: string, value: unknown): number => checks.ahead(path, value);
    const span = (path: string, value: unknown): CheckedSpan => this.span(path, value);
    const count = (path: string, value: unknown): number => checks.integer(path, value, { min: 1, max: HIGHEST });
    return {
      types: (path, value) => this.typeNames(path, value),
      status: chosen(JOB_STATUSES),
      phase: chosen(JOB_PHASES),
      outcome: texts(TEXT_LIMIT),
      reason: chosen(JOB_CLOSE_REASONS),
      target: (path, value) => this.targetsOf(path, value),
      assignee: principals,
      claimedBy: principals,
      candidate: principals,
      mine: (path, value) => checks.owner(path, value),
      unassigned: flag,
      overdue: flag,
      dueWithin: ahead,
      stalled: ahead,
      olderThan: ahead,
      occurrences: count,
      priority: (path, value) => checks.integer(path, value, PRIORITY),
      plan: texts(NAME_LIMIT),
      step: (path, value) =>
        this.list(path, value, (at, one) => checks.integer(at, one, { min: 0, max: HIGHEST }), byNumber),
      metadata: (path, value) => this.list(path, value, (at, one) => this.metadata(at, one), undefined, METADATA_LIMIT),
      tags: texts(NAME_LIMIT),
      tenant: (path, value) => checks.words(path, value, TEXT_LIMIT),
      created: span,
      updated: span,
      closed: span,
      due: span,
      or: (path, value) => this.alternatives(path, value, 1),
    };
  }

  private alternatives(path: string, value: unknown, depth: number): readonly CheckedJobFilter[] {
    const groups = this.array(path, value, GROUP_LIMIT);
    this.groups += groups.length;
    if (depth > DEPTH_LIMIT || this.groups > TOTAL_GROUPS) {
      throw this.checks.invalid(path, `at most ${DEPTH_LIMIT} deep, with at most ${TOTAL_GROUPS} groups in all`, value);
    }
    return groups.map((group, index) => this.read(group, `${path}[${index}]`, depth));
  }

  /** What is one of a list may be given without it. */
  private list<Item extends string | number | object>(
    path: string,
    value: unknown,
    read: (path: string, item: unknown) => Item,
    compare?: (a: Item, b: Item) => number,
    limit = LIST_LIMIT,
  ): readonly Item[] {
    if (!isList(value)) return [read(path, value)];
    const items = this.array(path, value, limit).map((item, index) => read(`${path}[${index}]`, item));
    return [...new Set(items)].sort(compare);
  }

  private array(path: string, value: unknown, limit: number): readonly unknown[] {
    const list = listOf(value, limit);
    if (list !== undefined && list.length > 0) return list;
    throw this.checks.invalid(path, `a list of 1 to ${limit}; leave it out where it does not matter`, value);
  }

  private typeNames(path: string, value: unknown): readonly string[] {
    const names = this.list(path, value, (at, type) =>
      typeof type === 'function'
        ? this.types.get(type as JobTypeClass).definition.name
        : this.checks.words(at, type, NAME_LIMIT),
    );
    const about = new Set(names.map((name) => this.types.find(name)?.definition.target));
    this.expected = about.size === 1 ? [...about][0] : undefined;
    return names;
  }

  private targetsOf(path: string, value: unknown): readonly TargetReference[] {
    const references = this.list(path, value, (at, target) => this.target(at, target));
    const known = new Map(references.map(({ type, id }) => [JSON.stringify([type, id]), { type, id }]));
    return [...known.keys()].sort().flatMap((key) => known.get(key) ?? []);
  }

  private target(path: string, value: unknown): TargetReference {
    const isTarget =
      ['string', 'number', 'bigint'].includes(typeof value) || (typeof value === 'object' && value !== null);
    if (!isTarget) throw this.checks.invalid(path, 'an entity, { type, id }, or an id', value);
    try {
      return this.targets.referenceOf(value as object | string, this.expected);
    } catch (error) {
      if (!(error instanceof JobsError)) throw error;
      throw new JobsError(`${this.checks.place}: option ${error.message.replace(/^target/, path)}`, { cause: error });
    }
  }

  private metadata(path: string, value: unknown): CheckedMetadata {
    const { path: names, equals, exists } = this.checks.object(path, value, ['path', 'equals', 'exists']);
    const checked = this.array(`${path}.path`, names, PATH_LIMIT).map((name, index) =>
      this.checks.words(`${path}.path[${index}]`, name, TEXT_LIMIT),
    );
    if ((equals === undefined) === (exists === undefined)) {
      throw this.checks.invalid(path, 'given either equals or exists', value);
    }
    if (exists !== undefined) return { path: checked, exists: this.checks.boolean(`${path}.exists`, exists) };
    return { path: checked, equals: this.list(`${path}.equals`, equals, (at, one) => this.scalar(at, one)) };
  }

  private scalar(path: string, value: unknown): string {
    if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
    if (value === '') return '';
    if (typeof value === 'string') return this.checks.words(path, value, VALUE_LIMIT);
    throw this.checks.invalid(path, 'a text, a finite number, true or false', value);
  }

  private span(path: string, value: unknown): CheckedSpan {
    const { from, before } = this.checks.object(path, value, ['from', 'before']);
    if (from === undefined && before === undefined) {
      throw this.checks.invalid(path, 'given from, before or both', value);
    }
    return {
      ...(from === undefined ? {} : { from: this.moment(`${path}.from`, from) }),
      ...(before === undefined ? {} : { before: this.moment(`${path}.before`, before) }),
    };
  }

  private moment(path: string, value: unknown): string {
    const time = isoTimeOf(value);
    if (time !== undefined) return time;
    // A day that does not exist is none to `Date`, or another one.
    if (typeof value === 'string' && MOMENT.test(value) && isDay(value)) return value;
    throw this.checks.invalid(path, 'a Date, or ISO 8601 text with a time zone such as 2026-03-01T00:00:00Z', value);
  }
}

function isDay(text: string): boolean {
  const [day = ''] = text.split('T');
  const read = new Date(`${day}T00:00:00Z`);
  const moment = new Date(text);
  return (
    !Number.isNaN(read.getTime()) &&
    !Number.isNaN(moment.getTime()) &&
    read.toISOString().startsWith(day) &&
    !day.startsWith('0000')
  );
}

function byNumber(a: number, b: number): number {
  return a - b;
}
