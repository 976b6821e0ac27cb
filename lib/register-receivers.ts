import type { LogLevel } from '@nestjs/common';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import { engineNames } from './data-sources/engine-names.js';
import { namedToken } from './data-sources/named-token.js';
import { Receivers } from './operations/receivers/receivers.service.js';
import { runRegisterStep } from './engine/receivers/register-step.js';
import type { RegisteredReceiver } from './engine/receivers/registered-receiver.js';

const LOG_LEVELS: LogLevel[] = ['warn', 'error', 'fatal'];

type CreateContext = typeof NestFactory.createApplicationContext;

/**
 * Records the receivers of an application in the database and ends: the step of a deploy to run before the first process of the new
 * version starts, so that its events reach receivers which are new in it.
 *
 * The application starts as a context (nothing listens), without its worker, and is closed again. Nothing is printed.
 *
 * @param module the application's root module.
 * @param options those of `NestFactory.createApplicationContext`; its log is limited to warnings and errors unless said otherwise.
 * @returns every receiver that is registered now in each data source that `JobsModule` is set up for, also those of other applications
 * on the same tables.
 * @throws whatever keeps the application from starting.
 * @publicApi
 */
export async function registerReceivers(
  module: Parameters<CreateContext>[0],
  options: NonNullable<Parameters<CreateContext>[1]> = {},
): Promise<readonly RegisteredReceiver[]> {
  return runRegisterStep(async () => {
    const settings = Object.assign({ logger: LOG_LEVELS }, options, { abortOnError: false });
    const application = await NestFactory.createApplicationContext(module, settings);
    try {
      const lists = engineNames(application.get(DiscoveryService, { strict: false })).map((dataSource) =>
        listAll(application.get<Receivers>(namedToken(Receivers, dataSource), { strict: false })),
      );
      return (await Promise.all(lists)).flat();
    } finally {
      await application.close();
    }
  });
}

async function listAll(receivers: Receivers): Promise<readonly RegisteredReceiver[]> {
  const all: RegisteredReceiver[] = [];
  for (;;) {
    const part = await receivers.list({ limit: 1000, after: all.at(-1)?.id });
    if (part.length === 0) return all;
    all.push(...part);
  }
}
