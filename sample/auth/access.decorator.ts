import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiForbiddenResponse, ApiUnauthorizedResponse } from '@nestjs/swagger';

import type { Principal } from '../../lib/index.js';
import { AccessGuard, NEEDED_ROLES } from './access.guard.js';

/** Closes a controller or route to everybody but callers who are known and, where roles are named, have one of them. */
export function Access(...roles: readonly Principal[]): ClassDecorator & MethodDecorator {
  return applyDecorators(
    SetMetadata(NEEDED_ROLES, roles),
    UseGuards(AccessGuard),
    ApiBearerAuth(),
    ApiUnauthorizedResponse({ description: 'nobody known' }),
    ...(roles.length === 0 ? [] : [ApiForbiddenResponse({ description: `not ${roles.join(' or ')}` })]),
  );
}
