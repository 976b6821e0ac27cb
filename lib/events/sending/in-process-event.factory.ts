import { Inject, Injectable } from '@nestjs/common';
import type { ReceivedEvent } from '../../engine/deliveries/stored-event.js';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';
import { EventCatalogue } from '../definition/event-catalogue.js';
import { encodeEvent } from '../definition/event-codec.js';
import type { Emission } from '../emission.js';
import { checkCorrelationId, checkKey, checkTenant } from '../payload/check-labels.js';
import { headersOf } from '../payload/event-headers.js';
import type { SendOptions } from './send-options.interface.js';

/**
 * Makes what receivers are called with of what is sent in process. It is written as text and read again by each of them, as if it had been
 * emitted: what one way of sending refuses or changes, all do, and no receiver sees what another does to its copy.
 */
@Injectable()
export class InProcessEventFactory {
  constructor(
    private readonly catalogue: EventCatalogue,
    @Inject(JOBS_OPTIONS) private readonly options: ResolvedJobsOptions,
  ) {}

  /** @throws PayloadError, EventSchemaError, EventDefinitionError naming what is wrong and the remedy. */
  async create({ reference, payload }: Emission, options: SendOptions): Promise<ReceivedEvent> {
    const definition =
      reference === undefined ? this.catalogue.definitionOf(payload as object) : this.catalogue.resolve(reference);
    const { name, version } = definition;
    const encoded = encodeEvent(definition, payload, this.options.limits.payload, 'limits.payload');
    return {
      id: null,
      name,
      version,
      headers: { ...headersOf(options) },
      correlationId: checkCorrelationId(options.correlationId),
      tenant: checkTenant(options.tenant),
      key: checkKey(options.key),
      createdAt: new Date(Date.now() + this.options.clock.offset),
      payload: await encoded,
    };
  }
}
