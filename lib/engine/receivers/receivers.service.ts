import { Injectable } from '@nestjs/common';
import { OptionChecks } from '../../options/option-checks.js';
import type { RegisteredReceiver } from './registered-receiver.js';
import { Registration } from './registration.js';
import { RegistrationStore } from './registration-store.js';

/**
 * Which part of the registered receivers to list.
 *
 * @publicApi
 */
export interface ReceiverListOptions {
  /** Id of the last receiver of the part before; left out for the first part. */
  readonly after?: string;
  /**
   * Receivers at most, 1 to 1000.
   *
   * @default 100
   */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;
const MOST = 1000;

const checks = new OptionChecks('Receivers.list');

/**
 * The receivers that events are fanned out to, as the database knows them: those of every process, not of this one alone.
 *
 * @publicApi
 */
@Injectable()
export class Receivers {
  constructor(
    private readonly registration: Registration,
    private readonly store: RegistrationStore,
  ) {}

  /** Records the receivers of this process, also where the module was told not to (`register: false`). */
  async register(): Promise<void> {
    await this.registration.record();
  }

  /**
   * Ends the fan-out to a receiver. Deliveries it has still run where it exists; a process that contains it registers it again when it
   * starts, so take it out of the code first.
   *
   * @param id the present name; former names are not looked at.
   * @returns whether a receiver of that id is registered.
   */
  async retire(id: string): Promise<boolean> {
    await this.registration.ready();
    return this.store.retire(id);
  }

  /**
   * Lists registered receivers in the order of their ids, retired ones too.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async list(options: ReceiverListOptions = {}): Promise<readonly RegisteredReceiver[]> {
    checks.object('', options, ['after', 'limit']);
    const { after, limit = DEFAULT_LIMIT } = options;
    if (after !== undefined) checks.text('after', after, 'the id of a receiver');
    await this.registration.ready();
    return this.store.list(after, checks.integer('limit', limit, { min: 1, max: MOST }));
  }
}
