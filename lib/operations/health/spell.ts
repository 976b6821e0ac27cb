import ms from 'ms';

/** A time in words, such as `5m`. */
export function spellDuration(milliseconds: number): string {
  return ms(Math.round(milliseconds));
}

/** At most five things, and how many more there are. */
export function spellList(things: readonly string[]): string {
  const shown = things.slice(0, 5).join(', ');
  return things.length > 5 ? `${shown} and ${things.length - 5} more` : shown;
}
