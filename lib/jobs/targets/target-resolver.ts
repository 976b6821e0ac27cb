import { type DataSource, type EntityManager, type EntityMetadata, In, type ObjectLiteral } from 'typeorm';
import { JobsError } from '../../errors/jobs.error.js';
import { kindOf, printableName } from '../../engine/text/kind-of.js';
import { isStorable } from '../../engine/text/well-formed.js';
import type { Job } from '../model/job.js';
import { TargetId } from './target-id.js';
import type { JobTarget, TargetReference } from './job-target.js';

const ID_LIMIT = 500;
const TYPE_LIMIT = 255;

/** An entity class, as a type of job names its target. */
export type TargetClass = abstract new (...args: never[]) => object;

const NONE: TargetReference = { type: '', id: '' };

/** Turns entities into references that jobs keep, and references back into entities. */
export class TargetResolver {
  constructor(private readonly dataSource: DataSource) {}

  /** The data source's own manager, as it is now. */
  get manager(): EntityManager {
    return this.dataSource.manager;
  }

  /** Name under which jobs keep the entity of a class. */
  nameOf(target: TargetClass): string {
    return this.dataSource.getMetadata(target).name;
  }

  /**
   * The reference of a target.
   *
   * @param expected entity of the job's type, which an id alone stands for.
   * @throws JobsError when the value names no target, or one of another entity.
   */
  referenceOf(target: JobTarget | null | undefined, expected: TargetClass | undefined): TargetReference {
    const metadata = expected === undefined ? undefined : this.dataSource.getMetadata(expected);
    if (target === undefined || target === null) {
      if (metadata === undefined) return NONE;
      throw new JobsError(
        `target: ${kindOf(target)} is no target; pass the ${metadata.name} the job is about, or its id.`,
      );
    }
    const reference = this.readable(target, metadata);
    if (metadata !== undefined && reference.type !== metadata.name) {
      throw new JobsError(
        `target: this is a ${printableName(reference.type)}, but jobs of this type are about a ${metadata.name}.`,
      );
    }
    return this.checked(reference);
  }

  /**
   * The entity of a target that a reference was made of.
   *
   * @returns the entity itself when it was given, the reference when no entity has its name, null when the entity is gone.
   */
  async entityOf(
    target: JobTarget | undefined,
    { targetType, targetId }: Pick<Job, 'targetType' | 'targetId'>,
    manager: EntityManager,
  ): Promise<object | null> {
    if (typeof target === 'object' && this.metadataOf(target) !== undefined) return target;
    const metadata = this.named(targetType);
    if (metadata === undefined) return { type: targetType, id: targetId };
    return (await this.load(metadata, [targetId], manager)).get(targetId) ?? null;
  }

  /** The entity a job is about; null when it is gone. */
  async resolve(job: Job, manager = this.manager): Promise<object | null> {
    return (await this.resolveMany([job], manager)).get(job.id) ?? null;
  }

  /** The entities of several jobs by job id, with one query an entity; those that are gone are null. */
  async resolveMany(jobs: readonly Job[], manager = this.manager): Promise<Map<string, object | null>> {
    const resolved = new Map<string, object | null>(jobs.map((job) => [job.id, null]));
    const byType = new Map<string, Job[]>();
    for (const job of jobs) byType.set(job.targetType, [...(byType.get(job.targetType) ?? []), job]);
    for (const [type, ofType] of byType) {
      const metadata = this.named(type);
      if (metadata === undefined) continue;
      const entities = await this.load(metadata, [...new Set(ofType.map(({ targetId }) => targetId))], manager);
      for (const job of ofType) resolved.set(job.id, entities.get(job.targetId) ?? null);
    }
    return resolved;
  }

  /** An entity may have getters, and what is no entity anything. */
  private readable(target: JobTarget, expected: EntityMetadata | undefined): TargetReference {
    try {
      return this.read(target, expected);
    } catch (error) {
      if (error instanceof JobsError) throw error;
      throw new JobsError(`target: ${kindOf(target)} cannot be read; pass an entity or { type, id }.`, {
        cause: error,
      });
    }
  }

  private read(target: JobTarget, expected: EntityMetadata | undefined): TargetReference {
    if (typeof target === 'string' || typeof target === 'number' || typeof target === 'bigint') {
      if (expected !== undefined) return { type: expected.name, id: textOf(target) };
      throw new JobsError(
        'target: an id alone names no entity; pass the entity itself, { type, id }, or declare target on the job type.',
      );
    }
    if (typeof target !== 'object') {
      throw new JobsError(`target: ${kindOf(target)} is no target; pass an entity or { type, id }.`);
    }
    const metadata =
      typeof expected?.target === 'function' && target instanceof expected.target ? expected : this.metadataOf(target);
    if (metadata !== undefined) return { type: metadata.name, id: this.idsOf(metadata).of(target) };
    if (expected !== undefined && isPlainEntity(expected, target)) {
      return { type: expected.name, id: this.idsOf(expected).of(target) };
    }
    if (isReference(target)) return { type: target.type, id: textOf(target.id) };
    throw new JobsError(`target: ${kindOf(target)} is no entity of the data source; pass an entity or { type, id }.`);
  }

  private checked({ type, id }: TargetReference): TargetReference {
    if (type === '' || type.length > TYPE_LIMIT || !isStorable(type)) {
      throw new JobsError(`target: its type must have 1 to ${TYPE_LIMIT} characters, but has ${type.length}.`);
    }
    if (id === '' || id.length > ID_LIMIT || !isStorable(id)) {
      throw new JobsError(`target: its id must have 1 to ${ID_LIMIT} characters, but has ${id.length}.`);
    }
    const metadata = this.named(type);
    const normalized = metadata === undefined ? id : this.idsOf(metadata).normalized(id);
    if (normalized !== undefined) return { type, id: normalized };
    throw new JobsError(
      `target: ${JSON.stringify(id.slice(0, 60))} is no id of ${type}; pass the entity itself, or its id` +
        (metadata?.primaryColumns.length === 1
          ? '.'
          : ' as a JSON array of texts in the order of its primary columns.'),
    );
  }

  private async load(
    metadata: EntityMetadata,
    ids: readonly string[],
    manager: EntityManager,
  ): Promise<Map<string, object>> {
    const targetId = this.idsOf(metadata);
    const wheres = ids.flatMap((id) => targetId.where(id) ?? []);
    if (wheres.length === 0) return new Map();
    const where = inOneList(metadata, wheres) ?? wheres;
    const entities: ObjectLiteral[] = await manager.getRepository<ObjectLiteral>(metadata.target).find({ where });
    return new Map(entities.map((entity) => [targetId.of(entity), entity]));
  }

  private idsOf(metadata: EntityMetadata): TargetId {
    return new TargetId(metadata, (column) => this.dataSource.driver.normalizeType(column));
  }

  private named(type: string): EntityMetadata | undefined {
    return this.dataSource.entityMetadatas.find(({ name }) => name === type);
  }

  private metadataOf(target: object): EntityMetadata | undefined {
    return this.dataSource.entityMetadatas.find((candidate) => candidate.target === target.constructor);
  }
}

/** A plain primary column is looked up by one list. */
function inOneList(metadata: EntityMetadata, wheres: readonly ObjectLiteral[]): ObjectLiteral | undefined {
  const [column, ...others] = metadata.primaryColumns;
  if (column === undefined || others.length > 0) return undefined;
  if (column.embeddedMetadata !== undefined || column.relationMetadata !== undefined) return undefined;
  return { [column.propertyName]: In(wheres.map((where) => where[column.propertyName] as unknown)) };
}

function textOf(id: string | number | bigint): string {
  if (typeof id !== 'number' || Number.isSafeInteger(id)) return String(id);
  throw new JobsError(`target: the number ${id} is no id; pass a whole number, a bigint or a text.`);
}

/** What `save` gives back for a plain object is one, too; with nothing but `type` and `id` it is a reference. */
function isPlainEntity({ primaryColumns }: EntityMetadata, target: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(target);
  const isPlain = prototype === Object.prototype || prototype === null;
  if (!isPlain || (isReference(target) && Object.keys(target).length === 2)) return false;
  return primaryColumns.every((column) => column.getEntityValue(target) !== undefined);
}

function isReference(target: object): target is { type: string; id: string | number | bigint } {
  return (
    'type' in target &&
    typeof target.type === 'string' &&
    'id' in target &&
    ['string', 'number', 'bigint'].includes(typeof target.id)
  );
}
