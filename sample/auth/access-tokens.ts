import { createHmac, timingSafeEqual } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';

import type { JobActor, Principal } from '../../lib/index.js';
import { TOKEN_SECRET } from './token-secret.token.js';

/** Who calls, and in which roles. */
export type Caller = Required<Pick<JobActor, 'id' | 'roles'>>;

/** Signed tokens that say who somebody is. A real application has sessions that end, or an identity provider. */
@Injectable()
export class AccessTokens {
  constructor(@Inject(TOKEN_SECRET) private readonly secret: string) {}

  issue(id: Principal, roles: readonly Principal[] = []): string {
    const claims = Buffer.from(JSON.stringify({ id, roles } satisfies Caller)).toString('base64url');
    return `${claims}.${this.signatureOf(claims).toString('base64url')}`;
  }

  /** Who a token was issued to; `null` when it was not issued here. */
  read(token: string): Caller | null {
    const [claims = '', signature = '', ...rest] = token.split('.');
    const given = Buffer.from(signature, 'base64url');
    const expected = this.signatureOf(claims);
    if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    // Only what was issued here gets this far.
    return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Caller;
  }

  private signatureOf(claims: string): Buffer {
    return createHmac('sha256', this.secret).update(claims).digest();
  }
}
