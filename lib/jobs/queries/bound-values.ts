/** A statement that was put together, with the values it is run with. */
export interface BoundStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The values of a statement that is put together: whatever is given is bound, never written into the text. */
export class BoundValues {
  private readonly values: unknown[] = [];

  /** Binds a value and returns its place in the text, with its type. */
  bind(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }

  /** The statement with those values alone that its text still mentions: PostgreSQL refuses others. */
  finish(text: string): BoundStatement {
    const places = new Map<number, number>();
    const values: unknown[] = [];
    const renumbered = text.replace(/\$(\d+)/g, (_, digits: string) => {
      const former = Number(digits);
      const place = places.get(former) ?? values.push(this.values[former - 1]);
      places.set(former, place);
      return `$${place}`;
    });
    return { text: renumbered, values };
  }
}
