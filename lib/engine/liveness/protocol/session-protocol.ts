import { CONTROLS_PAYLOAD, isHello, RESET_PAYLOAD } from '../connection/notifications.js';
import { monotonicNow } from '../monotonic.js';
import { SessionUnprovenError } from '../session-unproven.error.js';
import type { StartGate } from '../start-gate.js';
import type { ClaimAnswer, ReceiverDemand } from '../worker-session.js';
import { Alarm } from './alarm.js';
import type { ClaimDesk } from './claim-desk.js';
import type { Connector } from './connector.js';
import type { ControlWatch } from './control-watch.js';
import type { PeerWatch } from './peer-watch.js';
import type { ProvenBeat } from './proof-mode.js';
import type { Rescuer } from './rescuer.js';
import type { SessionEvents } from './session-events.js';
import type { Standing } from './standing.js';
import type { WorkerIdentity } from './worker-identity.js';
import type { WorkerStatements } from './worker.statements.js';

/** Why a session stopped being attended to. */
type Ending =
  { readonly kind: 'lost'; readonly reason: string } | { readonly kind: 'fenced' } | { readonly kind: 'stopped' };

/**
 * Keeps one worker proven: takes up a connection, beats on it, and takes up another when it is lost.
 *
 * ```
 * unproven -> proven -> unproven -> proven -> ... -> stopped
 *                          \-> fenced -> unproven, under a new identity
 * ```
 * It knows nothing of threads, so the same runs in one or without.
 */
export class SessionProtocol {
  private readonly alarm = new Alarm();
  private standing: Standing | undefined;
  private identity: WorkerIdentity | undefined;
  private proofWanted = false;
  private beatWanted = false;
  private stopping = false;
  private hears = false;
  private lostAt: number | undefined;
  private beatFailure: string | undefined;
  private calmAs: string | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly connector: Connector,
    private readonly desk: ClaimDesk,
    private readonly watch: PeerWatch,
    private readonly rescuer: Rescuer,
    private readonly controls: ControlWatch,
    private readonly statements: WorkerStatements,
    private readonly gate: StartGate,
    private readonly events: SessionEvents,
    private readonly retry: number,
    private readonly ownCall: string | undefined,
  ) {}

  /** Proves a new identity and keeps it proven from then on; rejects when the first attempt fails. */
  async start(): Promise<void> {
    await this.establish();
    this.running = this.run();
  }

  /** Takes over from a thread that ended; its identity may still be proven in time. */
  resume(identity: WorkerIdentity | undefined): void {
    this.identity = identity;
    this.desk.doubt();
    this.running = this.run();
  }

  async claim(demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    if (this.standing === undefined || this.stopping) throw new SessionUnprovenError();
    try {
      return await this.desk.claim(this.standing, demands);
    } catch (error) {
      // The row says something else than this process believes: a beat finds out.
      if (error instanceof SessionUnprovenError) this.prove();
      throw error;
    }
  }

  /** Asks for a fresh proof at once, which is reported like a first one. */
  prove(): void {
    this.proofWanted = true;
    this.alarm.ring();
  }

  /** Leaves: releases what is still held, says so in the row, and closes the connection. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.alarm.ring();
    await this.running;
    const { standing } = this;
    this.standing = undefined;
    this.gate.close();
    this.connector.close();
    if (standing !== undefined) await this.leave(standing);
  }

  /** Ends at once; others find out by themselves. */
  abandon(): void {
    this.stopping = true;
    this.alarm.ring();
    this.connector.close();
    this.standing?.connection.abandon('the worker has stopped');
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.stopping) {
      if (this.standing !== undefined) {
        failures = 0;
        await this.attend(this.standing);
      } else {
        // No longer and longer pauses: all must be proven again before anybody may be declared dead.
        if (failures > 0) await this.alarm.until(monotonicNow() + this.retry * (0.5 + Math.random()));
        failures += 1;
        await this.establish().catch((error: unknown) => this.reportFailure(error, failures));
      }
    }
  }

  private reportFailure(error: unknown, failures: number): void {
    // Once for each interruption, not for each of the attempts, which come several times a second.
    if (failures === 1)
      this.events.notice('warn', `The worker cannot prove itself yet, and tries on: ${messageOf(error)}`);
  }

  private async establish(): Promise<void> {
    const { connection, mode } = await this.connector.connect();
    connection.observer = { ended: () => this.loseProof() };
    try {
      const identity = await (this.identity === undefined
        ? mode.enrol(connection)
        : mode.prove(connection, this.identity));
      if (identity === undefined) {
        connection.close();
        this.fence();
        return;
      }
      this.identity = identity;
      this.hears = await this.connector.hear({ connection, mode }, identity, (payload) => this.hear(payload));
      this.take({ connection, mode, identity });
    } catch (error) {
      this.gate.close();
      connection.abandon('it could not be used for a proof');
      throw error;
    }
  }

  private take(standing: Standing): void {
    this.standing = standing;
    this.proofWanted = false;
    this.watch.restart(standing.mode.interval);
    if (this.lostAt !== undefined) {
      this.events.notice(
        'log',
        `The worker is proven again, ${Math.round(monotonicNow() - this.lostAt)} ms after it was lost.`,
      );
      this.lostAt = undefined;
    }
    this.events.proven(standing.identity, this.hears);
    // A failure leaves the doubt standing: the next claim tries again.
    this.desk.reconcile(standing).catch(() => undefined);
  }

  private loseProof(): void {
    this.gate.close();
    this.alarm.ring();
  }

  private fence(): void {
    this.identity = undefined;
    this.gate.close();
    this.desk.forgetDoubt();
    this.events.fenced();
  }

  /** Attends to a session until it is lost, and says so. */
  private async attend(standing: Standing): Promise<void> {
    const ending = await this.attendUntilItEnds(standing).catch((error: unknown): Ending => ({
      kind: 'lost',
      reason: messageOf(error),
    }));
    if (ending.kind === 'stopped') return;
    this.gate.close();
    this.standing = undefined;
    this.lostAt = monotonicNow();
    standing.connection.abandon(ending.kind === 'lost' ? ending.reason : 'the worker was declared dead');
    this.events.unproven();
    if (ending.kind === 'fenced') this.fence();
    else this.events.notice('warn', `Nothing starts until the worker is proven again: ${ending.reason}`);
  }

  private async attendUntilItEnds(standing: Standing): Promise<Ending> {
    const { connection, mode } = standing;
    let nextBeat = monotonicNow() + pause(mode.interval);
    for (;;) {
      await this.alarm.until(Math.min(nextBeat, this.watch.nextDue()));
      if (this.stopping) return { kind: 'stopped' };
      if (connection.lost !== undefined) return { kind: 'lost', reason: connection.lost.reason };
      if (this.proofWanted || this.beatWanted || monotonicNow() >= nextBeat) {
        this.beatWanted = false;
        const ending = await this.beat(standing);
        if (ending !== undefined) return ending;
        nextBeat = monotonicNow() + pause(mode.interval);
      }
      await this.watch.act(standing);
    }
  }

  private async beat(standing: Standing): Promise<Ending | undefined> {
    const { connection, mode, identity } = standing;
    const reportProof = this.proofWanted;
    try {
      const beat = await connection.exclusively(() => mode.beat(connection, identity));
      if (beat.kind === 'pooled') return { kind: 'lost', reason: this.connector.expectPooler() };
      if (beat.kind !== 'proven') return beat;
      this.beatFailure = undefined;
      this.watch.look(beat.peers);
      this.controls.look(beat.controls);
      this.noteCalm(beat);
      if (reportProof) {
        this.proofWanted = false;
        this.events.proven(identity, this.hears);
      }
    } catch (error) {
      if (!connection.isOpen) throw error;
      // The server refuses the statement, for instance while the table is being altered. The session stands, and with it the proof.
      const message = messageOf(error);
      if (message !== this.beatFailure)
        this.events.notice('warn', `A beat of the worker failed, and is tried again: ${message}`);
      this.beatFailure = message;
    }
    return undefined;
  }

  /** What is emitted is told by notifications; that anything is emitted at all, by the beats, too. */
  private noteCalm({ drawn, peers }: Pick<ProvenBeat, 'drawn' | 'peers'>): void {
    // Whoever is gone has left behind when something is due that it alone knew of.
    const now = drawn === null ? undefined : [drawn, ...peers.map(({ id }) => id).sort()].join();
    const isCalm = now !== undefined && now === this.calmAs;
    this.calmAs = now;
    if (!isCalm) this.events.stirred();
  }

  /** A beat brings what operators decided. */
  private beatSoon(): void {
    this.beatWanted = true;
    this.alarm.ring();
  }

  private hear(payload: string): void {
    if (isHello(payload) || payload === this.ownCall) return;
    if (payload === RESET_PAYLOAD) this.watch.lookFromTheLeft();
    else if (payload === CONTROLS_PAYLOAD) this.beatSoon();
    else this.events.wake();
  }

  private async leave({ connection, identity }: Standing): Promise<void> {
    try {
      await connection.exclusively(async () => {
        // In this order: once the row says so, others finish what cannot be released here in time.
        await connection.query({ text: this.statements.leave, values: [identity.id, identity.boot] });
        await this.rescuer.releaseOwn(connection, identity.id);
      });
    } finally {
      connection.close();
    }
  }
}

/** A little irregular, so that workers started together do not beat together, and never longer than asked for. */
function pause(interval: number): number {
  return interval * (0.9 + 0.1 * Math.random());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
