import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { DataSourceScope } from '../../data-sources/data-source-scope.js';
import { OptionChecks } from '../../options/option-checks.js';
import type { JobTypeClass } from './job-type-class.js';
import { jobTypeOf } from './job-type.decorator.js';
import type { JobTypeDefinition } from './job-type-definition.js';
import { JobTypeRegistry } from './job-type.registry.js';

/** Finds the types of job that modules provide. */
@Injectable()
export class JobTypesExplorer {
  private explored = false;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registry: JobTypeRegistry,
    private readonly scope: DataSourceScope,
  ) {}

  /** Registers what it finds, once however often it is asked. */
  explore(): void {
    if (this.explored) return;
    this.explored = true;
    for (const provider of this.discovery.getProviders()) {
      const { metatype, isAlias } = provider;
      if (isAlias || typeof metatype !== 'function') continue;
      const target = metatype as JobTypeClass;
      const definition = jobTypeOf(target);
      if (definition === undefined || !this.isOwn(definition)) continue;
      // Of others there is no instance yet, only its prototype.
      const isStatic = provider.isDependencyTreeStatic() && !provider.isTransient;
      const provided: unknown = isStatic ? provider.instance : undefined;
      this.registry.add({ definition, target, instance: provided instanceof target ? provided : undefined });
    }
  }

  private isOwn({ name, dataSource }: JobTypeDefinition): boolean {
    return this.scope.includes(dataSource, new OptionChecks(`@JobType('${name}')`));
  }
}
