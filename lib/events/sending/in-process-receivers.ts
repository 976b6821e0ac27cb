import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EngineDatabase } from '../../engine/database/engine-database.js';
import type { SendingMethod } from '../../engine/deliveries/delivery-context.js';
import { senderOf } from '../../engine/deliveries/sender-header.js';
import type { ReceivedEvent } from '../../engine/deliveries/stored-event.js';
import type { Receiver } from '../../engine/receivers/receiver.js';
import { ReceiverRegistry } from '../../engine/receivers/receiver-registry.js';
import { escapeForLog } from '../../engine/text/escape-for-log.js';
import { DiscardDelivery } from '../../errors/discard-delivery.error.js';
import { matchesPattern } from '../definition/event-name.js';
import { ReliableEventsExplorer } from '../reliable-events.explorer.js';
import { InProcessFailures } from './in-process-failures.js';
import { InProcessRun } from './in-process-run.js';
import type { ReceiverAnswer } from './send-options.interface.js';

/** Calls the receivers of this process, one after the other, in the order they were registered in. */
@Injectable()
export class InProcessReceivers {
  private readonly logger = new Logger('InProcessEvents');
  private prepared = false;

  constructor(
    private readonly registry: ReceiverRegistry,
    private readonly explorer: ReliableEventsExplorer,
    private readonly database: EngineDatabase,
    private readonly failures: InProcessFailures,
  ) {}

  /** Calls them until one throws, which is thrown on. */
  async callUntilError(via: SendingMethod, event: ReceivedEvent, manager: EntityManager | undefined): Promise<void> {
    for (const receiver of await this.addressed(event)) await this.call(receiver, via, event, manager);
  }

  /** Calls all of them, and answers with what each returned or threw. */
  async callAll(
    via: SendingMethod,
    event: ReceivedEvent,
    manager: EntityManager | undefined,
  ): Promise<ReceiverAnswer[]> {
    const answers: ReceiverAnswer[] = [];
    for (const receiver of await this.addressed(event)) {
      try {
        answers.push({ receiver: receiver.id, value: await this.call(receiver, via, event, manager) });
      } catch (error) {
        this.failures.receiver(via, receiver.id, event.name, error);
        answers.push({ receiver: receiver.id, error });
      }
    }
    return answers;
  }

  private async addressed({ name, headers }: ReceivedEvent): Promise<readonly Receiver[]> {
    await this.prepare();
    const sender = senderOf(headers);
    return this.registry
      .inProcess()
      .filter((receiver) => receiver.sender === null || receiver.sender === sender)
      .filter(({ subscriptions }) => subscriptions.some(({ pattern }) => matchesPattern(pattern, name)));
  }

  /** The first event waits until the receivers are found; from then on there is nothing to wait for. */
  private async prepare(): Promise<void> {
    if (this.prepared) return;
    this.explorer.assertComplete();
    await this.explorer.explore();
    this.prepared = true;
  }

  private async call(
    receiver: Receiver,
    via: SendingMethod,
    event: ReceivedEvent,
    manager: EntityManager | undefined,
  ): Promise<unknown> {
    try {
      return await new InProcessRun(receiver, { via, event, manager, dataSource: this.database.dataSource }).execute();
    } catch (error) {
      if (!(error instanceof DiscardDelivery)) throw error;
      this.logger.log(escapeForLog(`${receiver.id} on ${event.name} (${via}) discarded the event: ${error.message}`));
      return undefined;
    }
  }
}
