import type { SendingMethod } from '../../engine/deliveries/delivery-context.js';
import { isEntityManager } from '../../engine/database/postgres-driver.js';
import { OptionChecks } from '../../options/option-checks.js';
import type { SendOptions } from './send-options.interface.js';

const OPTIONS: readonly (keyof SendOptions)[] = ['manager', 'sender', 'headers', 'correlationId', 'tenant', 'key'];

/**
 * Refuses options that sending in process does not have: what is sent so cannot be delayed, repeated or kept.
 *
 * @throws UnknownOptionError, InvalidOptionError
 */
export function checkSendOptions(via: SendingMethod, options: SendOptions): void {
  const checks = new OptionChecks(via);
  if (isEntityManager(options)) {
    throw checks.invalid('', 'an object such as { manager }, not the manager itself', options);
  }
  checks.object('', options, OPTIONS);
}
