/** Interruptions after which a delivery is given up, in these tests. */
export const MAX_INTERRUPTIONS = 3;

/** Where a delivery stands among those of its receiver and priority: the transaction that wrote it, then its event. */
type Place = readonly [transaction: number, event: number];

/** An open delivery as plain memory has it; times are hours of the clock that the test moves. */
export interface ModelDelivery {
  readonly event: number;
  readonly receiver: number;
  readonly version: number;
  readonly priority: number;
  readonly state: 'ready' | 'delayed' | 'running';
  readonly dueAt: number | null;
  readonly worker: number | null;
  /** `null` where the database took its clock for it. */
  readonly claims: number | null;
  readonly attempts: number;
  readonly interruptions: number;
  readonly failures: number;
  readonly place: Place;
  /** Its transaction was open while others looked: a claim may find it before what precedes it. */
  readonly late: boolean;
}

/** A delivery that ended unhandled. */
export interface ModelLetter {
  readonly event: number;
  readonly receiver: number;
  readonly version: number;
  readonly priority: number;
  readonly kind: 'dead' | 'discarded';
  readonly claims: number | null;
  readonly attempts: number;
  readonly interruptions: number;
  readonly failures: number;
}

/** The model as rows of tables. */
export interface ModelView {
  readonly events: readonly ModelEvent[];
  readonly open: readonly Omit<ModelDelivery, 'place' | 'late'>[];
  readonly letters: readonly ModelLetter[];
  readonly paused: readonly number[];
  readonly subscribed: readonly number[];
}

/** What entitles to settle a delivery, as long as it holds. */
export interface Claim {
  readonly event: number;
  readonly receiver: number;
  readonly claims: number;
}

export interface ModelEvent {
  readonly id: number;
  readonly version: number;
  readonly receivers: readonly number[];
}

/** What is emitted. */
export interface Emission {
  readonly version: number;
  readonly priority: number;
  readonly delay: number | null;
}

export const keyOf = ({ event, receiver }: Pick<Claim, 'event' | 'receiver'>): string => `${event}.${receiver}`;

/** The life of deliveries in plain memory: what the diagram in ARCHITECTURE.md says, and no more. */
export class DeliveryModel {
  readonly events = new Map<number, ModelEvent>();
  readonly open = new Map<string, ModelDelivery>();
  readonly letters = new Map<string, ModelLetter>();
  readonly paused = new Set<number>();
  readonly subscribed: Set<number>;
  /** Workers that were declared dead. */
  readonly dead = new Set<number>();
  now = 0;
  private transactions = 0;

  constructor(readonly receivers: readonly number[]) {
    this.subscribed = new Set(receivers);
  }

  copy(): DeliveryModel {
    return new DeliveryModel(this.receivers).become(this);
  }

  /** Is from now on as the other one. */
  become(other: DeliveryModel): this {
    for (const name of ['events', 'open', 'letters'] as const) refill<unknown>(this[name], other[name]);
    for (const name of ['paused', 'subscribed', 'dead'] as const) {
      this[name].clear();
      for (const one of other[name]) this[name].add(one);
    }
    this.now = other.now;
    this.transactions = other.transactions;
    return this;
  }

  /** What the tables must show. */
  get view(): ModelView {
    const shown = ({ place: _place, late: _late, ...one }: ModelDelivery): ModelView['open'][number] => one;
    return {
      events: [...this.events.values()].sort((a, b) => a.id - b.id),
      open: [...this.open.values()].map(shown).sort(byKey),
      letters: [...this.letters.values()].sort(byKey),
      paused: [...this.paused].sort(),
      subscribed: [...this.subscribed].sort(),
    };
  }

  /** Place of a transaction among those that write. */
  transaction(): number {
    this.transactions += 1;
    return this.transactions;
  }

  /** @param written when and where it was written, which is before it appeared where its transaction was open for a while. */
  emit(
    id: number,
    { version, priority, delay }: Emission,
    receivers: readonly number[],
    { at, transaction, late }: { readonly at: number; readonly transaction: number; readonly late: boolean },
  ): void {
    this.events.set(id, { id, version, receivers });
    for (const receiver of receivers) {
      this.put({
        event: id,
        receiver,
        version,
        priority,
        ...(delay === null || delay === 0 ? { state: 'ready', dueAt: null } : { state: 'delayed', dueAt: at + delay }),
        worker: null,
        claims: 0,
        attempts: 0,
        interruptions: 0,
        failures: 0,
        place: [transaction, id],
        late,
      });
    }
  }

  /** Deliveries a claim may take, in the order in which it has to. */
  claimable(receiver: number, version: number): readonly ModelDelivery[] {
    return [...this.open.values()]
      .filter((one) => one.receiver === receiver && one.state === 'ready' && one.version <= version)
      .sort((a, b) => a.priority - b.priority || a.place[0] - b.place[0] || a.place[1] - b.place[1]);
  }

  get hasDue(): boolean {
    return [...this.open.values()].some(isDueAt(this.now));
  }

  /** Makes ready what is due, as if it had been written now. */
  promote(): void {
    const transaction = this.transaction();
    for (const one of [...this.open.values()].filter(isDueAt(this.now))) {
      this.put({ ...one, state: 'ready', dueAt: null, place: [transaction, one.event], late: false });
    }
  }

  get nextDue(): number | null {
    const times = [...this.open.values()].flatMap(({ dueAt }) => dueAt ?? []);
    return times.length === 0 ? null : Math.min(...times) - this.now;
  }

  /**
   * Claims up to the limits, first what is ready, then what became due meanwhile.
   *
   * @param prefer what a claim took where it had the choice.
   */
  claim(
    worker: number,
    version: number,
    demands: readonly { readonly receiver: number; readonly limit: number }[],
    prefer: ReadonlySet<string>,
  ): readonly Claim[] {
    const taken: Claim[] = [];
    const take = (): void => {
      for (const { receiver, limit } of demands.filter((demand) => !this.paused.has(demand.receiver))) {
        const room = limit - taken.filter((one) => one.receiver === receiver).length;
        const ready = this.claimable(receiver, version);
        const chosen = ready.some(({ late }) => late)
          ? [...ready.filter((one) => prefer.has(keyOf(one))), ...ready.filter((one) => !prefer.has(keyOf(one)))]
          : ready;
        for (const one of chosen.slice(0, room)) {
          const claims = (one.claims ?? 0) + 1;
          this.put({ ...one, state: 'running', worker, claims });
          taken.push({ event: one.event, receiver, claims });
        }
      }
    };
    take();
    if (this.hasDue) {
      this.promote();
      take();
    }
    return taken;
  }

  /** Lets a claim choose it out of its turn, as one does whose neighbours are being claimed by somebody else. */
  markLate(key: string): void {
    const one = this.open.get(key);
    if (one !== undefined) this.put({ ...one, late: true });
  }

  /** Takes what the database chose for the number of claims. */
  adoptClaims(key: string, claims: number): void {
    const one = this.open.get(key);
    if (one !== undefined) this.put({ ...one, claims });
  }

  /** Whether a claim still entitles to end its delivery: nobody claimed it since. */
  holds({ event, receiver, claims }: Claim): boolean {
    return this.open.get(keyOf({ event, receiver }))?.claims === claims;
  }

  /** Whether it also was not given up: putting off and handing back count, so they may not be done twice. */
  holdsRunning(claim: Claim): boolean {
    return this.holds(claim) && this.open.get(keyOf(claim))?.state === 'running';
  }

  remove(claim: Pick<Claim, 'event' | 'receiver'>): ModelDelivery {
    const one = this.get(claim.event, claim.receiver);
    this.open.delete(keyOf(claim));
    return one;
  }

  postpone({ event, receiver }: Claim, delay: number, failed: boolean): void {
    const one = this.get(event, receiver);
    const count = failed ? 1 : 0;
    this.put({
      ...one,
      state: 'delayed',
      worker: null,
      dueAt: this.now + delay,
      attempts: one.attempts + count,
      failures: one.failures + count,
    });
  }

  handBack({ event, receiver }: Claim, begun: boolean): void {
    const one = this.get(event, receiver);
    const count = begun ? 1 : 0;
    this.put({
      ...one,
      state: 'ready',
      worker: null,
      interruptions: one.interruptions + count,
      failures: one.failures + count,
    });
  }

  bury(claim: Pick<Claim, 'event' | 'receiver'>, kind: ModelLetter['kind'], failed: boolean): void {
    const { event, receiver, version, priority, claims, attempts, interruptions, failures } = this.remove(claim);
    const count = failed ? 1 : 0;
    this.letters.set(keyOf(claim), {
      ...{ event, receiver, version, priority, kind, claims, interruptions },
      attempts: attempts + count,
      failures: failures + count,
    });
  }

  /** The worker is gone; what it ran was interrupted, unless it left in order. */
  release(worker: number, interrupted: boolean): { released: number; buried: number } | undefined {
    if (this.dead.has(worker)) return undefined;
    this.dead.add(worker);
    const done = { released: 0, buried: 0 };
    for (const one of [...this.open.values()].filter((held) => held.worker === worker)) {
      const interruptions = one.interruptions + (interrupted ? 1 : 0);
      this.put({ ...one, state: 'ready', worker: null, interruptions });
      const tooOften = interrupted && interruptions >= MAX_INTERRUPTIONS;
      if (tooOften) this.bury(one, 'dead', false);
      done[tooOften ? 'buried' : 'released'] += 1;
    }
    return done;
  }

  /** By hand: ready now, at the end of the order. */
  retry(key: string): 'changed' | 'unchanged' | 'busy' | 'missing' {
    const one = this.open.get(key);
    if (one === undefined) return 'missing';
    if (one.state === 'running') return 'busy';
    if (one.state === 'ready') return 'unchanged';
    this.put({ ...one, state: 'ready', dueAt: null, place: [this.transaction(), one.event], late: false });
    return 'changed';
  }

  reschedule(key: string, at: number): 'changed' | 'busy' | 'missing' {
    const one = this.open.get(key);
    if (one === undefined) return 'missing';
    if (one.state === 'running') return 'busy';
    this.put({ ...one, state: 'delayed', dueAt: Math.max(at, this.now) });
    return 'changed';
  }

  discard(key: string): 'changed' | 'busy' | 'missing' {
    const one = this.open.get(key);
    if (one === undefined) return 'missing';
    if (one.state === 'running') return 'busy';
    this.bury(one, 'discarded', false);
    return 'changed';
  }

  redrive(key: string): 'changed' | 'open' | 'missing' {
    const letter = this.letters.get(key);
    if (letter?.kind !== 'dead') return 'missing';
    if (this.open.has(key)) return 'open';
    this.letters.delete(key);
    this.revive(letter, this.transaction());
    return 'changed';
  }

  settleLetter(key: string): 'changed' | 'missing' {
    const letter = this.letters.get(key);
    if (letter?.kind !== 'dead') return 'missing';
    this.letters.set(key, { ...letter, kind: 'discarded' });
    return 'changed';
  }

  /** Delivers an event again to the receivers that have no open delivery of it; answers with those. */
  replay(id: number, receivers: readonly number[]): readonly string[] {
    const event = this.events.get(id);
    if (event === undefined) return [];
    const transaction = this.transaction();
    const added = receivers.filter((receiver) => !event.receivers.includes(receiver));
    this.events.set(id, { ...event, receivers: [...event.receivers, ...added.sort((a, b) => a - b)] });
    const created: string[] = [];
    for (const receiver of receivers) {
      const key = keyOf({ event: id, receiver });
      if (this.open.has(key)) continue;
      created.push(key);
      const letter = this.letters.get(key);
      this.letters.delete(key);
      const { version } = event;
      const fresh = { event: id, receiver, priority: 4, failures: 0, claims: null };
      this.revive({ ...(letter ?? fresh), version }, transaction);
    }
    return created;
  }

  private revive(
    { event, receiver, version, priority, failures, claims }: Omit<ModelLetter, 'kind' | 'attempts' | 'interruptions'>,
    transaction: number,
  ): void {
    this.put({
      ...{ event, receiver, version, priority, failures },
      ...{ state: 'ready', dueAt: null, worker: null, attempts: 0, interruptions: 0, late: false },
      claims: claims === null ? null : claims + 1,
      place: [transaction, event],
    });
  }

  private get(event: number, receiver: number): ModelDelivery {
    const one = this.open.get(keyOf({ event, receiver }));
    if (one === undefined) throw new Error(`The model has no delivery ${keyOf({ event, receiver })}.`);
    return one;
  }

  private put(one: ModelDelivery): void {
    this.open.set(keyOf(one), one);
  }
}

function isDueAt(now: number): (one: ModelDelivery) => boolean {
  return ({ dueAt }) => dueAt !== null && dueAt <= now;
}

function byKey(a: Pick<Claim, 'event' | 'receiver'>, b: Pick<Claim, 'event' | 'receiver'>): number {
  return a.event - b.event || a.receiver - b.receiver;
}

function refill<Value>(map: Map<unknown, Value>, from: ReadonlyMap<unknown, Value>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}
