import type { Principal } from '../../lib/index.js';
import type { Account } from '../accounts/account.entity.js';

/** Steps of the onboarding are done by the account's owner. */
export function ownerOf({ id }: Account): Principal {
  return `user:${id}`;
}
