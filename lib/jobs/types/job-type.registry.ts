import { Inject, Injectable } from '@nestjs/common';
import { JobsError } from '../../errors/jobs.error.js';
import { UnknownJobTypeError } from '../../errors/unknown-job-type.error.js';
import { kindOf, printableName } from '../../engine/text/kind-of.js';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';
import type { JobTypeClass } from './job-type-class.js';
import { jobTypeOf } from './job-type.decorator.js';
import type { JobTypeDefinition } from './job-type-definition.js';

/** A type this application provides. */
export interface RegisteredJobType {
  readonly definition: JobTypeDefinition;
  readonly target: JobTypeClass;
  /** The provider, when it is a static one. */
  readonly instance: object | undefined;
}

/** The types of job that modules of one application provide. */
@Injectable()
export class JobTypeRegistry {
  private readonly byName = new Map<string, RegisteredJobType>();

  constructor(@Inject(JOBS_OPTIONS) private readonly options: ResolvedJobsOptions) {}

  /** @throws JobsError when another class has the name. */
  add(type: RegisteredJobType): void {
    const known = this.byName.get(type.definition.name);
    if (known !== undefined && known.target !== type.target) {
      throw new JobsError(
        `Two classes declare the job type "${type.definition.name}": ${known.target.name} and ${type.target.name}. Rename one of them.`,
      );
    }
    this.byName.set(type.definition.name, type);
  }

  all(): readonly RegisteredJobType[] {
    return [...this.byName.values()];
  }

  /** The type of a name; `undefined` for jobs of a type that is no longer provided. */
  find(name: string): RegisteredJobType | undefined {
    return this.byName.get(name);
  }

  /**
   * The type of a class or name.
   *
   * @throws UnknownJobTypeError
   */
  get(type: JobTypeClass | string): RegisteredJobType {
    const given: unknown = type;
    if (typeof given !== 'string' && typeof given !== 'function') {
      throw new JobsError(`type: ${kindOf(given)} is no job type; pass a class decorated with @JobType.`);
    }
    const definition = typeof type === 'string' ? undefined : jobTypeOf(type);
    const name = definition?.name ?? (typeof type === 'string' ? type : printableName(type.name));
    const registered = this.byName.get(name);
    if (registered !== undefined) return registered;
    const { dataSource } = this.options;
    const elsewhere = definition?.dataSource === dataSource ? undefined : definition?.dataSource;
    throw new UnknownJobTypeError(name, [...this.byName.keys()], elsewhere);
  }
}
