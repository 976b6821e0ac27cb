/** Reads an item from its JSON; `times` are the properties of it that are moments. */
export function parseItem<Item extends object>(json: string, times: readonly (keyof Item & string)[]): Item {
  return withTimes(JSON.parse(json) as Item, times);
}

/** An object whose moments were texts. */
export function withTimes<Item extends object>(item: Item, times: readonly (keyof Item & string)[]): Item {
  const moments = times.map((time) => [time, momentOf(item[time])] as const);
  return { ...item, ...Object.fromEntries(moments) };
}

function momentOf(value: unknown): Date | null {
  return typeof value === 'string' ? new Date(value) : null;
}
