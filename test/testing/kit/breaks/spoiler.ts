/** Puts methods in the place of others, and those back. */
export class Spoiler {
  private readonly restorations: (() => void)[] = [];

  /** @param by makes the method of the one there is. */
  replace<Part extends object, Name extends keyof Part>(
    part: Part,
    name: Name,
    by: (original: Part[Name]) => Part[Name],
  ): void {
    const own = Object.getOwnPropertyDescriptor(part, name);
    part[name] = by(part[name]);
    this.restorations.push(() => {
      if (own === undefined) Reflect.deleteProperty(part, name);
      else Object.defineProperty(part, name, own);
    });
  }

  restore(): void {
    for (const restore of this.restorations.splice(0).reverse()) restore();
  }
}
