import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidCursorError } from '../../errors/invalid-cursor.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import type { JobPosition } from './job-page.statements.js';

const VERSION = 1;
const LENGTH_LIMIT = 1_000;
const CURSOR = /^([\w-]+)\.([\w-]{43})$/;
const PRINT_LENGTH = 16;

/** Turns the place where a page ended into a text that only this application can make, and back. */
export class JobCursors {
  /** @param secret the key, the same in every process. */
  constructor(private readonly secret: () => Promise<Buffer>) {}

  /** @param list everything that decides which jobs the list has and in which order. */
  async write(list: string, { keys, id }: JobPosition): Promise<string> {
    const body = Buffer.from(JSON.stringify([VERSION, printOf(list), ...keys, id])).toString('base64url');
    return `${body}.${await this.sign(body)}`;
  }

  /**
   * The place a cursor of the list stands for.
   *
   * @throws InvalidCursorError
   */
  async read(place: string, list: string, cursor: unknown): Promise<JobPosition> {
    if (typeof cursor !== 'string') {
      throw new InvalidCursorError(place, `must be the text a page gave as next, but is ${kindOf(cursor)}.`);
    }
    const [, body = '', signature = ''] = cursor.length <= LENGTH_LIMIT ? (CURSOR.exec(cursor) ?? []) : [];
    const expected = await this.sign(body);
    if (body === '' || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature.padEnd(expected.length)))) {
      throw new InvalidCursorError(place, 'was not made here or was changed; pass what a page gave as next, as it is.');
    }
    const [version, print, ...position] = JSON.parse(Buffer.from(body, 'base64url').toString()) as string[];
    if (String(version) !== String(VERSION) || print !== printOf(list)) {
      throw new InvalidCursorError(place, 'belongs to another filter or order; begin again without a cursor.');
    }
    return { keys: position.slice(0, -1), id: position.at(-1) ?? '' };
  }

  private async sign(body: string): Promise<string> {
    return createHmac('sha256', await this.secret())
      .update(body)
      .digest('base64url');
  }
}

function printOf(list: string): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, PRINT_LENGTH);
}
