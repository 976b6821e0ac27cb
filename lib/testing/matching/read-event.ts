import { decodeEvent, type EncodedEvent } from '../../events/definition/event-codec.js';
import type { EventCatalogue } from '../../events/definition/event-catalogue.js';

/** The event as its receivers get it; as the JSON it is stored as, when this process cannot read it or could not do so at once. */
export function readEvent(catalogue: EventCatalogue, stored: EncodedEvent): unknown {
  const definition = catalogue.byName(stored.name);
  const plain = (): unknown => JSON.parse(stored.payload) as unknown;
  if (definition === undefined) return plain();
  try {
    const decoded = decodeEvent(definition, stored);
    if (!(decoded instanceof Promise)) return decoded;
    decoded.catch(() => undefined);
    return plain();
  } catch {
    return plain();
  }
}
