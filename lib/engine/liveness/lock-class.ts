import { createHash } from 'node:crypto';

/**
 * First key of the advisory locks that stand for the workers of one schema: a positive int4, the same in every process and version.
 * The application shares the space of advisory locks, so it is derived from a text that nobody else hashes.
 */
export function lockClassOf(schema: string): number {
  return createHash('sha256').update(`nestjs-jobs worker locks in ${schema}`).digest().readUInt32BE(0) & 0x7fffffff;
}
