import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Module } from '@nestjs/common';
import {
  type DeliveryContext,
  JobsService,
  JobType,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../../lib/index.js';

@ReliableEvent('door.opened')
export class DoorOpened {
  constructor(readonly door: string) {}
}

@ReliableEvent('light.lit')
export class LightLit {
  constructor(readonly door: string) {}
}

@JobType('door.close', { expiresIn: '1d', outcomes: ['slammed', 'pulled to'] })
export class CloseDoor {}

/** Holds the door that somebody is about to open, in the asynchronous context of whoever does. */
export const visitor = new AsyncLocalStorage<string>();

/** An application that keeps nothing but what events and jobs keep, so that it works with any storage. */
@Injectable()
export class House {
  readonly heard: string[] = [];
  /** Thrown by the dog as often as it says. */
  failures = 0;
  /** The context in which the dog ran last. */
  visitor: string | undefined;

  constructor(
    private readonly events: ReliableEvents,
    private readonly jobs: JobsService,
  ) {}

  @OnReliableEvent(DoorOpened, { id: 'lamp', transactional: true })
  async lamp({ door }: DoorOpened, { manager }: TransactionalContext): Promise<void> {
    await this.events.emit(new LightLit(door), { manager });
    await this.jobs.request(CloseDoor, { target: { type: 'door', id: door }, manager });
    this.heard.push(`lamp ${door}`);
  }

  @OnReliableEvent(DoorOpened, { id: 'dog', retry: { attempts: 2, delay: '10m', jitter: 0 } })
  dog({ door }: DoorOpened, { attempt }: DeliveryContext): void {
    this.visitor = visitor.getStore();
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('asleep');
    }
    this.heard.push(`dog ${door} ${attempt}`);
  }

  @OnReliableEvent(LightLit, { id: 'moth' })
  moth({ door }: LightLit): void {
    this.heard.push(`moth ${door}`);
  }
}

@Module({ providers: [House, CloseDoor], exports: [House] })
export class HouseModule {}
