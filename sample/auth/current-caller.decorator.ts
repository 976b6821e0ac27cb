import { createParamDecorator, type ExecutionContext, UnauthorizedException } from '@nestjs/common';

import type { Caller } from './access-tokens.js';
import type { GuardedRequest } from './access.guard.js';

/** Who calls, on routes closed with `@Access`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<GuardedRequest>();
  if (caller === undefined) throw new UnauthorizedException('this route lets nobody in; close it with @Access first');
  return caller;
});
