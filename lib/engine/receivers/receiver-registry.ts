import { Injectable, Logger } from '@nestjs/common';
import { DuplicateReceiverError } from '../../errors/duplicate-receiver.error.js';
import { ReceiverAliasError } from '../../errors/receiver-alias.error.js';
import type { Receiver } from './receiver.js';

/** Where a receiver was declared: what makes two of one id the same, and what an error message names. */
export interface ReceiverPlace {
  /** The class that declares the method. */
  readonly declaredBy: object;
  readonly className: string;
  readonly methodName: string;
  /** The module that provides the class. */
  readonly moduleName: string;
}

interface Registration {
  readonly receiver: Receiver;
  readonly place: ReceiverPlace;
}

/** The receivers this process contains, by id. */
@Injectable()
export class ReceiverRegistry {
  private readonly logger = new Logger(ReceiverRegistry.name);
  private readonly registrations = new Map<string, Registration>();
  private readonly aliases = new Map<string, Registration>();

  /**
   * Adds a receiver. A class provided in two modules counts once: the first stays, the second is warned of.
   *
   * @throws DuplicateReceiverError when another receiver has the id.
   * @throws ReceiverAliasError when an alias of the one is the id or an alias of the other.
   */
  add(receiver: Receiver, place: ReceiverPlace): void {
    const registered = this.registrations.get(receiver.id);
    if (registered === undefined) {
      this.register({ receiver, place });
      return;
    }
    const first = registered.place;
    if (first.declaredBy !== place.declaredBy || first.methodName !== place.methodName) {
      throw new DuplicateReceiverError(receiver.id, describe(first), describe(place));
    }
    this.logger.warn(
      `${place.className} is provided more than once (${first.moduleName}, ${place.moduleName}); receiver "${receiver.id}" runs on the ` +
        `instance of ${first.moduleName} only. Provide the class in one module and export it there.`,
    );
  }

  /** The receiver of an id; aliases are not looked at. */
  byId(id: string): Receiver | undefined {
    return this.registrations.get(id)?.receiver;
  }

  /** Forgets a receiver; one that is added under its id later is another one, at the end. */
  remove(id: string): void {
    const registration = this.registrations.get(id);
    if (registration === undefined) return;
    this.registrations.delete(id);
    for (const alias of registration.receiver.aliases) this.aliases.delete(alias);
  }

  /** Where the receiver of an id was declared. */
  placeOf(id: string): ReceiverPlace | undefined {
    return this.registrations.get(id)?.place;
  }

  /** Every receiver, in the order they were registered in. */
  all(): readonly Receiver[] {
    return [...this.registrations.values()].map(({ receiver }) => receiver);
  }

  /** Those that get deliveries. */
  reliable(): readonly Receiver[] {
    return this.all().filter(({ reach }) => reach !== 'inProcess');
  }

  /** Those that get what is sent in this process. */
  inProcess(): readonly Receiver[] {
    return this.all().filter(({ reach }) => reach !== 'reliable');
  }

  private register(registration: Registration): void {
    const { receiver, place } = registration;
    const aliased = this.aliases.get(receiver.id);
    if (aliased !== undefined) {
      throw new ReceiverAliasError(receiver.id, name(aliased.place), `the id of ${describe(place)}`);
    }
    for (const alias of receiver.aliases) {
      if (alias === receiver.id) throw new ReceiverAliasError(alias, name(place), 'its own id');
      const owner = this.registrations.get(alias);
      if (owner !== undefined) throw new ReceiverAliasError(alias, name(place), `the id of ${describe(owner.place)}`);
      const other = this.aliases.get(alias);
      if (other !== undefined) throw new ReceiverAliasError(alias, name(place), `an alias of ${describe(other.place)}`);
    }
    this.registrations.set(receiver.id, registration);
    for (const alias of receiver.aliases) this.aliases.set(alias, registration);
  }
}

function name(place: ReceiverPlace): string {
  return `${place.className}.${place.methodName}`;
}

function describe(place: ReceiverPlace): string {
  return `${name(place)} (${place.moduleName})`;
}
