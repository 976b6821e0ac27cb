import type { EmitInput } from '../../engine/deliveries/emit-input.js';
import type { AppendedEvent } from '../../engine/deliveries/event-store.port.js';
import { senderOf, withoutSender } from '../../engine/deliveries/sender-header.js';
import type { EventCatalogue } from '../../events/definition/event-catalogue.js';
import { factEventName, JOB_FACTS, type JobFact } from '../../jobs/facts/job-fact.js';
import { readEvent } from '../matching/read-event.js';
import type { RecordedEmission } from './recorded-emission.js';
import type { RecordedJobFact } from './recorded-job-fact.js';

const FACTS = new Map(JOB_FACTS.map((fact) => [factEventName(fact), fact]));

/** What was emitted and happened to jobs in transactions that have committed, in the order of their commits. */
export class EmissionRecord {
  private emitted: RecordedEmission[] = [];
  private facts: RecordedJobFact[] = [];
  private readonly ids = new Set<string>();

  constructor(private readonly catalogue: EventCatalogue) {}

  get emissions(): readonly RecordedEmission[] {
    return this.emitted;
  }

  get jobFacts(): readonly RecordedJobFact[] {
    return this.facts;
  }

  /** Takes in what a transaction wrote; repeats that were deduplicated were not written. */
  keep(inputs: readonly EmitInput[], written: readonly AppendedEvent[]): void {
    written.forEach(({ id, created, receivers }, index) => {
      const input = inputs[index];
      if (!created || input === undefined) return;
      this.ids.add(id);
      const fact = FACTS.get(input.name);
      if (fact === undefined) this.emitted.push(this.toEmission(id, receivers, input));
      else {
        const payload = JSON.parse(input.payload) as JobFact;
        this.facts.push({ ...payload, fact, tenant: input.options.tenant ?? null });
      }
    });
  }

  /** Says of an event whether it was emitted after this call. */
  watch(): (eventId: string) => boolean {
    const before = new Set(this.ids);
    return (eventId) => this.ids.has(eventId) && !before.has(eventId);
  }

  clear(): void {
    this.emitted = [];
    this.facts = [];
  }

  private toEmission(id: string, receivers: number, { name, version, payload, options }: EmitInput): RecordedEmission {
    const headers = options.headers ?? {};
    return {
      id,
      event: name,
      payload: readEvent(this.catalogue, { name, version, payload }),
      receivers,
      delay: options.delay ?? null,
      runAt: options.runAt === undefined ? null : new Date(options.runAt),
      priority: options.priority,
      key: options.key ?? null,
      tenant: options.tenant ?? null,
      correlationId: options.correlationId ?? null,
      sender: senderOf(headers),
      headers: withoutSender(headers),
      tags: options.tags ?? [],
    };
  }
}
