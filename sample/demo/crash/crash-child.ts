import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { runMain } from '../../run-main.js';
import { DemoModule } from '../demo.module.js';
import type { CrashChildReport, CrashChildTask } from './crash-child.messages.js';
import { TroubleModule } from './trouble.module.js';
import { callWebhook } from './webhook.js';

/** A process that is made to be killed: it goes as far as its task says, reports, and waits for the end. */
async function main(): Promise<void> {
  // When the process that would kill it dies first.
  process.on('disconnect', () => process.exit());
  const { trouble, call, ...settings } = JSON.parse(process.argv[2] ?? '') as CrashChildTask;
  const demo = DemoModule.forRoot({ ...settings, synchronize: false });
  const app = await NestFactory.createApplicationContext(
    { ...demo, imports: [...(demo.imports ?? []), TroubleModule.forRoot(trouble, die)] },
    { logger: false },
  );
  report({ kind: 'ready' });
  if (call === undefined) return;
  if (trouble === 'before') await die();
  const started = performance.now();
  let error: string | null = null;
  try {
    await callWebhook(app, call.way, call.paymentId);
  } catch (thrown) {
    error = String(thrown);
  }
  report({ kind: 'answered', error, milliseconds: performance.now() - started });
}

async function die(): Promise<never> {
  report({ kind: 'dying' });
  return new Promise<never>(() => undefined);
}

function report(message: CrashChildReport): void {
  process.send?.(message);
}

runMain(main);
