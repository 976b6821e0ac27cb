import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { type ClaimedDelivery, deliveryId } from '../../lib/engine/deliveries/claimed-delivery.js';
import type { Outcome, RunFailure } from '../../lib/engine/deliveries/outcome.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { type Claim, DeliveryModel, type Emission, keyOf, type ModelView } from './support/delivery-model.js';
import { DeliverySystem, type StoredState } from './support/delivery-system.js';
import { limit, runs, SEED } from './support/property-runs.js';
import { serialOutcomes, type Step } from './support/steps.js';

const RECEIVERS = [1, 2] as const;
/** Highest version of an event that each worker understands: the last is of a deploy before. */
const WORKER_VERSIONS = [32_767, 32_767, 1] as const;
const WRITERS = 2;
const RUNS = 8;

const failure = (kind: RunFailure['kind']): RunFailure => ({
  ...{ kind, at: '2030-01-01T00:00:00.000Z', attempt: 1, name: 'TypeError', message: 'failed', stack: null },
});

/** A transaction that wrote events and is not over. */
interface OpenTransaction {
  readonly ids: readonly number[];
  readonly emissions: readonly Emission[];
  readonly receivers: readonly number[];
  readonly written: Parameters<DeliveryModel['emit']>[3];
}

/** Model, claims that were handed out, and transactions that are open. */
class Scene {
  /** Every claim ever, stale ones too; they are tried again and again. */
  claims: Claim[] = [];
  readonly writing = new Map<number, OpenTransaction>();

  constructor(readonly model: DeliveryModel) {}
}

interface Demand {
  readonly receiver: number;
  readonly limit: number;
}

type DeliveryStep = Step<DeliveryModel, DeliverySystem>;

const pick = <Item>(items: readonly Item[], number: number): Item | undefined => items[number % items.length];

/** What a claim can end with, in the words of the store and as the model does it. */
const ENDINGS: Readonly<
  Record<string, { readonly outcome: Outcome; apply(model: DeliveryModel, claim: Claim): boolean }>
> = {
  acknowledge: {
    outcome: { kind: 'acknowledged' },
    apply: (model, claim) => {
      if (!model.holds(claim)) return false;
      model.remove(claim);
      return true;
    },
  },
  fail: postponing(1, true),
  failAtOnce: postponing(0, true),
  postpone: postponing(2, false),
  handBackUnbegun: handingBack(false),
  handBackBegun: handingBack(true),
  die: burying({ kind: 'dead', reason: 'failed 1 times', failure: failure('failed') }),
  giveUp: burying({ kind: 'dead', reason: 'interrupted', failure: null }),
  throwAway: burying({ kind: 'discarded', reason: 'not wanted' }),
};

function postponing(delay: number, failed: boolean) {
  return {
    outcome: { kind: 'postponed', delay: delay * 3_600_000, failure: failed ? failure('failed') : null } as const,
    apply: (model: DeliveryModel, claim: Claim) => {
      if (!model.holdsRunning(claim)) return false;
      model.postpone(claim, delay, failed);
      return true;
    },
  };
}

function handingBack(begun: boolean) {
  return {
    outcome: { kind: 'interrupted', failure: begun ? failure('interrupted') : null } as const,
    apply: (model: DeliveryModel, claim: Claim) => {
      if (!model.holdsRunning(claim)) return false;
      model.handBack(claim, begun);
      return true;
    },
  };
}

function burying(outcome: Extract<Outcome, { kind: 'dead' | 'discarded' }>) {
  const failed = outcome.kind === 'dead' && outcome.failure !== null;
  return {
    outcome,
    apply: (model: DeliveryModel, claim: Claim) => {
      if (!model.holds(claim)) return false;
      model.bury(claim, outcome.kind, failed);
      return true;
    },
  };
}

/** A step on what there is at the moment; `undefined` when there is nothing it could be done to. */
type MakeStep = (scene: Scene, system: DeliverySystem, ids: ReadonlyMap<string, string>) => DeliveryStep | undefined;

const settle =
  (ending: string, claimNumber: number, worker: number): MakeStep =>
  (scene) => {
    const claim = pick(scene.claims, claimNumber);
    if (claim === undefined) return undefined;
    const { outcome, apply } = ENDINGS[ending]!;
    return {
      name: `${ending} ${keyOf(claim)} of claim ${claim.claims}`,
      apply: (model) => apply(model, claim),
      call: (system) => system.settle(worker, claim, outcome),
    };
  };

/** By hand, on anything that is or was there. */
const byHand =
  (action: 'retry' | 'reschedule' | 'discard', number: number, hours: number): MakeStep =>
  (scene) => {
    const { model } = scene;
    const key = pick([...new Set([...model.open.keys(), ...scene.claims.map(keyOf)])], number);
    if (key === undefined) return undefined;
    const at = model.now + hours - 1;
    return {
      name: `${action} ${key}${action === 'reschedule' ? ` at hour ${at}` : ''}`,
      apply: (it) => (action === 'reschedule' ? it.reschedule(key, at) : it[action](key)),
      call: (system) => (action === 'reschedule' ? system.reschedule(key, at) : system[action](key)),
    };
  };

const onLetter =
  (action: 'redrive' | 'settleLetter', number: number): MakeStep =>
  ({ model }, _, ids) => {
    const key = pick([...model.letters.keys()], number);
    const id = key === undefined ? undefined : ids.get(key);
    if (key === undefined || id === undefined) return undefined;
    return { name: `${action} ${key}`, apply: (it) => it[action](key), call: (system) => system[action](id) };
  };

const replay =
  (number: number, receivers: readonly number[]): MakeStep =>
  ({ model }) => {
    const event = pick([...model.events.keys()], number);
    if (event === undefined) return undefined;
    return {
      name: `replay ${event} to ${receivers.join(' and ')}`,
      apply: (it) => it.replay(event, receivers),
      call: (system) => system.replay(event, receivers),
    };
  };

const rescue =
  (number: number): MakeStep =>
  (_, system) => {
    const { id } = system.workers[number]!;
    return {
      name: `declare worker ${id} dead`,
      apply: (model) => model.release(id, true),
      call: (it) => it.declareDead(id),
    };
  };

const receivers = fc.subarray([...RECEIVERS], { minLength: 1 });
const emission: fc.Arbitrary<Emission> = fc.record({
  version: fc.constantFrom(1, 1, 2),
  priority: fc.constantFrom(0, 4, 4, 7),
  delay: fc.constantFrom(null, null, null, 0, 1, 2),
});
const emissions = fc.array(emission, { minLength: 1, maxLength: 4 });
const number = fc.nat({ max: 60 });
const worker = fc.nat({ max: WORKER_VERSIONS.length - 1 });
const writer = fc.nat({ max: WRITERS - 1 });
const demands = fc
  .tuple(receivers, fc.constantFrom(1, 2, 3, 100))
  .map(([chosen, room]) => chosen.map((receiver) => ({ receiver, limit: room })));

/** Steps that are one transaction each, so that any two of them may run at once. */
const atomic = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...Object.keys(ENDINGS)), number, worker)
      .map((one) => described('settle', one, settle(...one))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('retry' as const, 'reschedule' as const, 'discard' as const), number, fc.nat({ max: 3 }))
      .map((one) => described('byHand', one, byHand(...one))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('redrive' as const, 'redrive' as const, 'settleLetter' as const), number)
      .map((one) => described('onLetter', one, onLetter(...one))),
  },
  { weight: 1, arbitrary: fc.tuple(number, receivers).map((one) => described('replay', one, replay(...one))) },
  { weight: 1, arbitrary: worker.map((one) => described('rescue', [one], rescue(one))) },
);

/** A function that says what it is, for the counterexample. */
function described(name: string, values: readonly unknown[], make: MakeStep): MakeStep {
  return Object.assign((...given: Parameters<MakeStep>) => make(...given), {
    [fc.toStringMethod]: () => `${name}(${fc.stringify(values)})`,
  });
}

type Command = fc.AsyncCommand<Scene, DeliverySystem>;

/** A command that is always possible. */
function command(text: string, run: (scene: Scene, system: DeliverySystem) => Promise<void>): Command {
  return {
    check: () => true,
    toString: () => text,
    run: async (scene, system) => {
      await run(scene, system);
      await expectSame(scene, system);
    },
  };
}

async function idsOf(system: DeliverySystem): Promise<ReadonlyMap<string, string>> {
  const { letters } = await system.stored();
  return new Map(letters.map((letter) => [keyOf(letter), letter.id]));
}

/** What was released in its place is announced, as the module does. */
function announce(system: DeliverySystem): void {
  system.lookFromTheLeft();
}

function one(make: MakeStep): Command {
  return command(fc.stringify(make), async (scene, system) => {
    const step = make(scene, system, await idsOf(system));
    if (step === undefined) return;
    const answer = await step.call(system);
    expect([step.name, answer]).toEqual([step.name, step.apply(scene.model)]);
    announce(system);
    await replaceTheDead(system);
  });
}

function pair(first: MakeStep, second: MakeStep): Command {
  return command(`at once: ${fc.stringify(first)} and ${fc.stringify(second)}`, async (scene, system) => {
    const ids = await idsOf(system);
    const steps = [first(scene, system, ids), second(scene, system, ids)] as const;
    if (steps[0] === undefined || steps[1] === undefined) return;
    const both = [steps[0], steps[1]] as const;
    const answers = await Promise.all([both[0].call(system), both[1].call(system)]);
    const outcomes = serialOutcomes(
      scene.model,
      (model) => model.copy(),
      both,
      answers,
      (answer) => answer === 'busy',
    );
    const stored = await system.stored();
    const found = outcomes.find((outcome) =>
      isDeepStrictEqual([outcome.answers, outcome.model.view], [answers, viewOfStored(stored, outcome.model)]),
    );
    if (found === undefined) {
      // Nothing fits: shown beside the first, which is as good as any.
      const [expected] = outcomes;
      expect({ both: both.map(({ name }) => name), answers, ...viewOfStored(stored, expected!.model) }).toEqual({
        both: both.map(({ name }) => name),
        answers: expected!.answers,
        ...expected!.model.view,
      });
      throw new Error('unreachable');
    }
    scene.model.become(found.model);
    announce(system);
    await replaceTheDead(system);
  });
}

/** Who was declared dead comes back under a new identity; the old one must not be declared dead twice. */
async function replaceTheDead(system: DeliverySystem): Promise<void> {
  for (const dead of await system.deadWorkers()) {
    const before = await system.stored();
    expect(await system.declareDead(dead.id)).toBeUndefined();
    expect(await system.stored()).toEqual(before);
    await system.newIdentity(dead);
  }
}

const commands: fc.Arbitrary<Command>[] = [
  ...[1, 2].map(() =>
    emissions.map((list) =>
      command(`emit ${fc.stringify(list)}`, async ({ model }, system) => {
        const subscribed = [...model.subscribed].sort();
        const written = { at: model.now, transaction: model.transaction(), late: false };
        const emitted = await system.emit(list);
        emitted.forEach(({ id, receivers: count }, index) => {
          expect(count).toBe(subscribed.length);
          model.emit(id, list[index]!, subscribed, written);
        });
      }),
    ),
  ),
  fc.tuple(writer, emissions).map(([slot, list]) =>
    command(`emit in a transaction ${slot} that stays open ${fc.stringify(list)}`, async (scene, system) => {
      if (scene.writing.has(slot)) return;
      const { model } = scene;
      const emitted = await system.emitOpen(slot, list);
      const record = { ids: emitted.map(({ id }) => id), emissions: list, receivers: [...model.subscribed].sort() };
      scene.writing.set(slot, { ...record, written: { at: model.now, transaction: model.transaction(), late: true } });
    }),
  ),
  fc.tuple(writer, fc.constantFrom('commit' as const, 'commit' as const, 'rollback' as const)).map(([slot, how]) =>
    command(`${how} transaction ${slot}`, async (scene, system) => {
      const writing = scene.writing.get(slot);
      if (writing === undefined) return;
      scene.writing.delete(slot);
      await system.end(slot, how);
      if (how === 'rollback') return;
      writing.ids.forEach((id, index) => {
        scene.model.emit(id, writing.emissions[index]!, writing.receivers, writing.written);
      });
    }),
  ),
  ...[1, 2, 3].map(() =>
    fc
      .tuple(worker, demands)
      .map(([who, wanted]) =>
        command(`worker ${who} claims ${fc.stringify(wanted)}`, (scene, system) => claim(scene, system, who, wanted)),
      ),
  ),
  fc.tuple(worker, worker, demands).map(([a, b, wanted]) =>
    command(`workers ${a} and ${b} claim at once ${fc.stringify(wanted)}`, async (scene, system) => {
      if (a === b) return;
      await claimAtOnce(scene, system, [a, b], wanted);
    }),
  ),
  ...[1, 2, 3, 4].map(() => atomic.map(one)),
  ...[1, 2].map(() => fc.tuple(atomic, atomic).map(([a, b]) => pair(a, b))),
  fc.tuple(worker).map(([who]) =>
    command(`worker ${who} leaves`, async ({ model }, system) => {
      const leaving = system.workers[who]!;
      model.release(leaving.id, false);
      await system.leave(who);
      await system.newIdentity(leaving);
      announce(system);
    }),
  ),
  fc.tuple(fc.constantFrom(...RECEIVERS), fc.boolean()).map(([receiver, paused]) =>
    command(`${paused ? 'pause' : 'resume'} receiver ${receiver}`, async ({ model }, system) => {
      await system.pause(receiver, paused);
      model.paused[paused ? 'add' : 'delete'](receiver);
    }),
  ),
  fc.tuple(fc.constantFrom(...RECEIVERS), fc.boolean()).map(([receiver, subscribed]) =>
    command(`${subscribed ? 'register' : 'retire'} receiver ${receiver}`, async ({ model }, system) => {
      await system.subscribe(receiver, subscribed);
      model.subscribed[subscribed ? 'add' : 'delete'](receiver);
    }),
  ),
  fc.nat({ max: 2 }).map((hours) =>
    command(`${hours} hours go by`, async ({ model }, system) => {
      model.now += hours;
      system.now = model.now;
    }),
  ),
];

/** One claim: nothing that is ready may be missing, nothing else may be there, and what comes first goes first. */
async function claim(scene: Scene, system: DeliverySystem, who: number, wanted: readonly Demand[]): Promise<void> {
  const { id, version } = system.workers[who]!;
  const { claims, nextDueIn } = await system.claim(who, wanted);
  const expected = scene.model.claim(id, version, wanted, new Set(claims.map(deliveryId)));
  expect(claims.map(toClaim).sort(byKey)).toEqual([...expected].sort(byKey));
  expect(nextDueIn).toBe(scene.model.nextDue);
  scene.claims.push(...expected);
}

/** Two claims at once: nobody gets what the other has; what both left the next one finds. */
async function claimAtOnce(
  scene: Scene,
  system: DeliverySystem,
  pairOfWorkers: readonly [number, number],
  wanted: readonly Demand[],
): Promise<void> {
  const { model } = scene;
  if (model.hasDue) model.promote();
  const answers = await Promise.all(pairOfWorkers.map((who) => system.claim(who, wanted)));
  for (const [index, { claims }] of answers.entries()) {
    const { id, version } = system.workers[pairOfWorkers[index]!]!;
    const taken = claims.map(toClaim);
    for (const { receiver, limit: room } of wanted) {
      const own = taken.filter((one) => one.receiver === receiver);
      expect(own.length).toBeLessThanOrEqual(room);
    }
    const chosen = new Set(taken.map(keyOf));
    for (const one of taken) {
      model.markLate(keyOf(one));
      expect(model.claim(id, version, [{ receiver: one.receiver, limit: 1 }], new Set([keyOf(one)]))).toEqual([one]);
    }
    expect(chosen.size).toBe(taken.length);
    scene.claims.push(...taken);
  }
}

function toClaim({ eventId, receiver, claims }: ClaimedDelivery): Claim {
  return { event: Number(eventId), receiver, claims };
}

function byKey(a: Claim, b: Claim): number {
  return a.event - b.event || a.receiver - b.receiver;
}

/** The rows as the model shows them; numbers of claims that the model left to the database are left out. */
function viewOfStored(stored: StoredState, model: DeliveryModel): ModelView {
  return {
    ...stored,
    open: stored.open.map((one) => (model.open.get(keyOf(one))?.claims === null ? { ...one, claims: null } : one)),
    letters: stored.letters.map(({ id: _id, ...letter }) => letter),
  };
}

/** Whether the rows are as the model has them; what the database chose is taken over. */
async function expectSame(scene: Scene, system: DeliverySystem): Promise<void> {
  const { model } = scene;
  const stored = await system.stored();
  expect(viewOfStored(stored, model)).toEqual(model.view);
  for (const { claims, ...one } of stored.open) {
    if (model.open.get(keyOf(one))?.claims !== null || claims === null) continue;
    model.adoptClaims(keyOf(one), claims);
    const known = scene.claims.filter((other) => keyOf(other) === keyOf(one)).map((other) => other.claims);
    expect(Math.max(0, ...known)).toBeLessThanOrEqual(claims);
  }
}

describe('Deliveries and a plain model of them', () => {
  let fixture: EngineFixture;
  let system: DeliverySystem;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    fixture = await EngineFixture.create();
    system = await DeliverySystem.create(fixture, WORKER_VERSIONS, WRITERS);
  });
  afterAll(async () => {
    Logger.overrideLogger(true);
    system.close();
    await fixture.close();
  });

  it(
    `agree after each of any steps, alone and two at once (seed ${SEED})`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (steps) => {
          await fc.asyncModelRun(async () => {
            await system.reset(RECEIVERS);
            return { model: new Scene(new DeliveryModel(RECEIVERS)), real: system };
          }, steps);
        }),
        { ...runs(RUNS), endOnFailure: process.env['FC_SHRINK'] === undefined },
      );
    },
    limit(RUNS, 2_000),
  );
});
