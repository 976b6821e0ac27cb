// Jobs to be done, as an application asks for them: each call a transaction of its own.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';

import { JobInsight, JobQueries, JobsModule, JobsService, JobSweeps, JobType } from '../../dist/esm/index.js';

class Refund {}
JobType('payment.refund', { candidates: ['role:support'], expiresIn: '30d' })(Refund);

class DeskModule {}

/** What an actor of the role `desk` can be told. */
export class Desk {
  #application;
  #next = 0;

  async open(url) {
    Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true }),
        JobsModule.forRoot({ migrate: true, worker: false }),
      ],
      providers: [Refund],
    })(DeskModule);
    this.#application = await NestFactory.createApplicationContext(DeskModule, { logger: ['error', 'warn'] });
  }

  /** Keys count on from call to call. */
  request(count) {
    return this.#inParallel(count, () => this.#of(JobsService).request(Refund, { key: `payment-${this.#next++}` }));
  }

  /** The same ones again: twice is once. */
  async requestAgain(count) {
    const from = this.#next - count;
    await this.#inParallel(count, (n) => this.#of(JobsService).request(Refund, { key: `payment-${from + n}` }));
  }

  /** Those requested last. */
  async complete(count) {
    const from = this.#next - count;
    await this.#inParallel(count, async (n) => {
      const { changed } = await this.#of(JobsService).complete(Refund, { key: `payment-${from + n}` });
      if (changed !== 1) throw new Error(`${changed} jobs completed instead of one.`);
    });
  }

  async claimNext(count) {
    await this.#inParallel(count, async () => {
      const job = await this.#of(JobsService).claimNext({ by: 'user:bench', as: ['role:support'] });
      if (job === null) throw new Error('There was no job to claim.');
    });
  }

  /** @returns how many jobs expired. */
  expire() {
    return this.#of(JobSweeps).expire();
  }

  async list(count, filter, options) {
    for (let n = 0; n < count; n += 1) await this.#of(JobQueries).list(filter, options);
  }

  async count(count, filter, options) {
    for (let n = 0; n < count; n += 1) await this.#of(JobQueries).count(filter, options);
  }

  async insight(count, name, ...values) {
    for (let n = 0; n < count; n += 1) await this.#of(JobInsight)[name](...values);
  }

  async close() {
    await this.#application?.close();
  }

  #of(service) {
    return this.#application.get(service, { strict: false });
  }

  async #inParallel(count, work, concurrency = 10) {
    let next = 0;
    const lane = async () => {
      while (next < count) await work(next++);
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
  }
}
