import { createParamDecorator, type ExecutionContext, UnauthorizedException } from '@nestjs/common';

import type { JobActor } from '../../lib/index.js';

interface RequestHeaders {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

const NAME = /^[a-z0-9-]{1,40}$/;

/**
 * Who calls. The sample believes whatever the headers `x-user` and `x-role` say, such as `ada` and `support`; a real application asks its
 * session.
 */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): JobActor => {
  const { headers } = context.switchToHttp().getRequest<RequestHeaders>();
  const { 'x-user': user = '', 'x-role': role = '' } = headers;
  if (!NAME.test(user)) throw new UnauthorizedException('say who you are with the header x-user');
  return { id: `user:${user}`, roles: NAME.test(role) ? [`role:${role}`] : [] };
});
