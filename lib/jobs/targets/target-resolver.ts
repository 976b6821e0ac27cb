import { type DataSource, type EntityMetadata, In, type ObjectLiteral } from 'typeorm';
import { JobsError } from '../../errors/jobs.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import type { Job } from '../model/job.js';
import type { JobTarget, TargetReference } from './job-target.js';

const ID_LIMIT = 500;

/** An entity class, as a type of job names its target. */
export type TargetClass = abstract new (...args: never[]) => object;

const NONE: TargetReference = { type: '', id: '' };

/** Turns entities into references that jobs keep, and references back into entities. */
export class TargetResolver {
  constructor(private readonly dataSource: DataSource) {}

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
    const name = expected === undefined ? undefined : this.nameOf(expected);
    if (target === undefined || target === null) {
      if (name === undefined) return NONE;
      throw new JobsError(`target: ${kindOf(target)} is no target; pass the ${name} the job is about, or its id.`);
    }
    const reference = this.read(target, name);
    if (name !== undefined && reference.type !== name) {
      throw new JobsError(`target: this is a ${reference.type}, but jobs of this type are about a ${name}.`);
    }
    if (reference.id === '' || reference.id.length > ID_LIMIT) {
      throw new JobsError(`target: its id must have 1 to ${ID_LIMIT} characters, but has ${reference.id.length}.`);
    }
    return reference;
  }

  /** The entity a job is about; null when it is gone. */
  async resolve(job: Job): Promise<object | null> {
    return (await this.resolveMany([job])).get(job.id) ?? null;
  }

  /** The entities of several jobs by job id, with one query an entity; those that are gone are null. */
  async resolveMany(jobs: readonly Job[]): Promise<Map<string, object | null>> {
    const resolved = new Map<string, object | null>(jobs.map((job) => [job.id, null]));
    const byType = new Map<string, Job[]>();
    for (const job of jobs) byType.set(job.targetType, [...(byType.get(job.targetType) ?? []), job]);
    for (const [type, ofType] of byType) {
      const metadata = this.dataSource.entityMetadatas.find(({ name }) => name === type);
      if (metadata === undefined) continue;
      const entities = await this.load(metadata, [...new Set(ofType.map(({ targetId }) => targetId))]);
      for (const job of ofType) resolved.set(job.id, entities.get(job.targetId) ?? null);
    }
    return resolved;
  }

  private read(target: JobTarget, name: string | undefined): TargetReference {
    if (typeof target === 'string' || typeof target === 'number' || typeof target === 'bigint') {
      if (name !== undefined) return { type: name, id: String(target) };
      throw new JobsError(
        'target: an id alone names no entity; pass the entity itself, { type, id }, or declare target on the job type.',
      );
    }
    const metadata = this.dataSource.entityMetadatas.find((candidate) => candidate.target === target.constructor);
    if (metadata !== undefined) return { type: metadata.name, id: idOf(metadata, target) };
    if (isReference(target)) return { type: target.type, id: String(target.id) };
    throw new JobsError(`target: ${kindOf(target)} is no entity of the data source; pass an entity or { type, id }.`);
  }

  private async load(metadata: EntityMetadata, ids: readonly string[]): Promise<Map<string, object>> {
    const [primary, ...others] = metadata.primaryColumns;
    if (primary === undefined) return new Map();
    const where =
      others.length === 0 ? { [primary.propertyName]: In([...ids]) } : ids.map((id) => whereOf(metadata, id));
    const entities: ObjectLiteral[] = await this.dataSource
      .getRepository<ObjectLiteral>(metadata.target)
      .find({ where });
    return new Map(entities.map((entity) => [idOf(metadata, entity), entity]));
  }
}

function idOf(metadata: EntityMetadata, entity: object): string {
  const values = metadata.primaryColumns.map((column) => {
    const value: unknown = column.getEntityValue(entity);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return String(value);
    throw new JobsError(`target: this ${metadata.name} has no ${column.propertyName} yet; save it first.`);
  });
  return values.length === 1 ? (values[0] ?? '') : JSON.stringify(values);
}

function whereOf(metadata: EntityMetadata, id: string): ObjectLiteral {
  const values = JSON.parse(id) as unknown[];
  return Object.fromEntries(metadata.primaryColumns.map((column, index) => [column.propertyName, values[index]]));
}

function isReference(target: object): target is { type: string; id: string | number | bigint } {
  return (
    'type' in target &&
    typeof target.type === 'string' &&
    'id' in target &&
    ['string', 'number', 'bigint'].includes(typeof target.id)
  );
}
