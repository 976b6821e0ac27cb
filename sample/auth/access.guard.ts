import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import type { Principal } from '../../lib/index.js';
import { AccessTokens, type Caller } from './access-tokens.js';

/** What the guard reads of a request, and leaves on it. */
export interface GuardedRequest {
  readonly headers: { readonly authorization?: string };
  caller?: Caller;
}

/** Metadata key of the roles of which a caller needs one; an empty list lets everybody in who is known. */
export const NEEDED_ROLES = 'sample:needed-roles';

const BEARER = /^Bearer (\S+)$/i;

/** Lets in who is known and has a role that is needed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const caller = token === undefined ? null : this.tokens.read(token);
    if (caller === null) throw new UnauthorizedException('say who you are with the header "authorization: Bearer …"');
    const places = [context.getHandler(), context.getClass()];
    const needed = this.reflector.getAllAndOverride<readonly Principal[] | undefined>(NEEDED_ROLES, places) ?? [];
    if (needed.length > 0 && !needed.some((role) => caller.roles.includes(role))) {
      throw new ForbiddenException(`this is for ${needed.join(' or ')}`);
    }
    request.caller = caller;
    return true;
  }
}
