import { entriesOf, type History } from '../../history/history.js';
import type { Life } from './life.js';
import type { Span } from './span.js';

/** Faults in which a process cannot say that it lives, whatever it does. */
const SILENCING = new Set([
  'freeze',
  'freeze past the lease',
  'cut connections',
  'half-open connections',
  'slow answers',
  'lost answers',
]);

/** Milliseconds after a fault in which what it did may still be felt. */
const AFTERMATH = 5_000;

/** Everything that was done to a process, its aftermath included; what hits all processes hits it, too. */
export function disturbancesOf(history: History, { process }: Life): readonly Span[] {
  return [...strikes(history, process, () => true), ...silences(history, process)].map(({ from, to }) => ({
    from,
    to: to + AFTERMATH,
  }));
}

/** When a process could not say that it lives. */
export function silencesOf(history: History, { process }: Life): readonly Span[] {
  return [...strikes(history, process, (fault) => SILENCING.has(fault)), ...silences(history, process)];
}

function silences(history: History, process: string): readonly Span[] {
  return entriesOf(history, 'silence')
    .filter((entry) => entry.process === process)
    .map(({ from, at }) => ({ from, to: at }));
}

function strikes(history: History, process: string, isMeant: (fault: string) => boolean): readonly Span[] {
  const healed = new Map(entriesOf(history, 'fault.healed').map(({ strike, at }) => [strike, at]));
  return entriesOf(history, 'fault.struck')
    .filter(({ fault, target }) => (target === '' || target === process) && isMeant(fault))
    .map(({ strike, at }) => ({ from: at, to: healed.get(strike) ?? Infinity }));
}
