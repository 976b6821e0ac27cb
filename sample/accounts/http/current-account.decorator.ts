import { createParamDecorator, type ExecutionContext, ForbiddenException } from '@nestjs/common';

import type { GuardedRequest } from '../../auth/access.guard.js';

const ACCOUNT = /^user:([1-9]\d{0,17})$/;

/** Id of the account whose token was shown. It never comes from the request itself: an id is no permission. */
export const CurrentAccount = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { caller } = context.switchToHttp().getRequest<GuardedRequest>();
  const id = ACCOUNT.exec(caller?.id ?? '')?.[1];
  if (id === undefined) throw new ForbiddenException('this is for accounts');
  return id;
});
