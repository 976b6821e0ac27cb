import type { EventReference } from '../events/definition/event-types.js';
import type { OptionChecks } from './option-checks.js';

/** Checks the list of events that plain listeners hear; whether there are such events is known when the application starts. */
export function checkBridge(bridge: readonly EventReference[], checks: OptionChecks): readonly EventReference[] {
  const events: unknown = bridge;
  if (!Array.isArray(events)) throw checks.invalid('bridge', 'a list of event classes, definitions or names', events);
  events.forEach((event: unknown, index) => {
    if (typeof event === 'string' || typeof event === 'function') return;
    if (typeof event === 'object' && event !== null && 'upcasters' in event) return;
    throw checks.invalid(
      `bridge[${index}]`,
      'an event class, a definition or a name (undefined often comes from files that import each other)',
      event,
    );
  });
  return [...bridge];
}
