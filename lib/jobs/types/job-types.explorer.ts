import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { JobTypeClass } from './job-type-class.js';
import { jobTypeOf } from './job-type.decorator.js';
import { JobTypeRegistry } from './job-type.registry.js';

/** Finds the types of job that modules provide. */
@Injectable()
export class JobTypesExplorer {
  private explored = false;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registry: JobTypeRegistry,
  ) {}

  /** Registers what it finds, once however often it is asked. */
  explore(): void {
    if (this.explored) return;
    this.explored = true;
    for (const { metatype, isAlias, instance } of this.discovery.getProviders()) {
      if (isAlias || typeof metatype !== 'function') continue;
      const target = metatype as JobTypeClass;
      const definition = jobTypeOf(target);
      if (definition === undefined) continue;
      const provided: unknown = instance;
      this.registry.add({ definition, target, instance: provided instanceof target ? provided : undefined });
    }
  }
}
