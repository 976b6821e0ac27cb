import { Injectable, type Provider } from '@nestjs/common';
import { type DeliveryContext, OnReliableEvent, ReliableEvent } from '../../../../lib/index.js';
import type { PlannedReceiver } from '../../history/history.js';
import { type Part, RecordedRun } from '../recorded-run.js';
import type { ReceivingStage, Workload } from '../workload.js';

@ReliableEvent('chaos.poisoned')
class Poisoned {
  constructor(
    readonly emission: string,
    readonly part: Part,
  ) {}
}

const receivers: readonly PlannedReceiver[] = [{ receiver: 'frail', effect: 'again', fate: 'dead' }];

/** Events that cannot be handled and must end as dead letters, while others go on beside them. */
export const poison: Workload = {
  name: 'poison',
  tables: [],
  rules: [],
  providers({ journal }: ReceivingStage): readonly Provider[] {
    @Injectable()
    class Frail {
      @OnReliableEvent(Poisoned, { id: 'frail', retry: { attempts: 3, backoff: 'fixed', delay: 50 } })
      async taste(event: Poisoned, context: DeliveryContext): Promise<void> {
        await new RecordedRun(journal, 'frail', event.emission, context, event.part).play(() => Promise.resolve());
      }
    }
    return [Frail];
  },
  async step(stage) {
    // Most turns are left to other work.
    if (!stage.dice.chance(0.2)) return;
    const part: Part = { poison: stage.dice.chance(0.5) ? 'final' : 'hopeless' };
    await stage.emit({
      workload: 'poison',
      receivers,
      emit: (id, manager) => stage.events.emit(new Poisoned(id, part), { manager }),
    });
  },
};
