import type { ValueTransformer } from 'typeorm';

/** Lets a bigint column be a number in the program: `pg` returns bigint as text, so that no digit is lost unseen. */
export const safeInteger: ValueTransformer = {
  to: (value: number): number => value,
  from: (stored: string): number => {
    const value = Number(stored);
    if (!Number.isSafeInteger(value)) throw new RangeError(`${stored} does not fit into a number without loss`);
    return value;
  },
};
