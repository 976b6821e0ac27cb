import { createHash } from 'node:crypto';

/** A statement of the engine: its text, and the name under which a connection may keep it prepared. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Names a statement after what it does and what it says: two schemas or two versions of the package that share a connection must not
 * prepare different texts under one name.
 */
export function statement(purpose: string, text: string): Statement {
  return { name: `jobs_${purpose}_${createHash('sha1').update(text).digest('hex').slice(0, 10)}`, text };
}
