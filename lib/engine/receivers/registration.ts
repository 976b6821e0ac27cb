import { Logger } from '@nestjs/common';
import type { Receiver } from './receiver.js';
import type { ReceiverRegistry } from './receiver-registry.js';
import type { ReceiverNumbers } from './receiver-rows.js';
import { RegistrationStore } from './registration-store.port.js';

/** Brings the receivers of this process and those of the database together, once, before the first event is emitted. */
export class Registration {
  private readonly logger = new Logger('JobsModule');
  private prepared: Promise<ReceiverNumbers> | undefined;

  /**
   * @param prepare makes the tables ready and discovers the receivers.
   * @param register whether to record receivers; else they are looked up alone.
   * @param learn lets emitters know of the receivers of every process.
   */
  constructor(
    private readonly registry: ReceiverRegistry,
    private readonly store: RegistrationStore,
    private readonly prepare: () => Promise<void>,
    private readonly register: boolean,
    private readonly learn: () => Promise<void>,
  ) {}

  /**
   * The numbers of this process's receivers, once they are registered. Whoever asks first sets it going, so that an event emitted
   * while other modules start finds its receivers.
   */
  ready(): Promise<ReceiverNumbers> {
    this.prepared ??= this.run();
    return this.prepared;
  }

  /** Records the receivers of this process, whatever it was told to do about them when it starts. */
  async record(): Promise<void> {
    await this.ready();
    await this.store.register(this.registry.reliable());
  }

  /**
   * The numbers once more, after receivers have come or gone. Calls take turns; when one fails, the numbers stay as they were.
   */
  refresh(): Promise<ReceiverNumbers> {
    const before = this.ready();
    const after = before.then(() => this.bringTogether());
    this.prepared = after.catch(() => before);
    return after;
  }

  /** The numbers without those of a receiver that is gone. The database is not told: deliveries for it go on being written. */
  forget(receiver: Receiver): Promise<ReceiverNumbers> {
    const after = this.ready().then((numbers) => new Map([...numbers].filter(([, one]) => one !== receiver)));
    this.prepared = after;
    return after;
  }

  private async run(): Promise<ReceiverNumbers> {
    await this.prepare();
    const numbers = await this.bringTogether();
    await this.learn();
    return numbers;
  }

  private async bringTogether(): Promise<ReceiverNumbers> {
    const receivers = this.registry.reliable();
    if (this.register) return this.store.register(receivers);
    const found = await this.store.find(receivers);
    const known = new Set(found.values());
    const unknown = receivers.filter((receiver) => !known.has(receiver));
    if (unknown.length > 0) {
      this.logger.warn(
        `Not registered, and so without deliveries (register: false): ${unknown.map(({ id }) => id).join(', ')}`,
      );
    }
    return found;
  }
}
