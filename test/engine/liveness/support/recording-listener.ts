import type { ClaimedDelivery, ClaimKey } from '../../../../lib/engine/deliveries/claimed-delivery.js';
import type { ReceiverControl } from '../../../../lib/engine/receivers/receiver-control.js';
import type { WorkerSessionListener } from '../../../../lib/engine/liveness/worker-session.js';
import { eventually } from '../../../support/eventually.js';

type Report = 'wake' | 'proven' | 'unproven' | 'fenced' | 'recovered';

/** Writes down what a session reports, and lets a test wait for it. */
export class RecordingListener implements WorkerSessionListener {
  readonly reports: Report[] = [];
  readonly notices: string[] = [];
  readonly recovered: ClaimedDelivery[] = [];
  controls: readonly ReceiverControl[] = [];
  held: readonly ClaimKey[] = [];
  /** How often it was told that events are written, which may come with any beat. */
  stirred = 0;

  onWake(): void {
    this.reports.push('wake');
  }

  onStirred(): void {
    this.stirred += 1;
  }

  onControls(controls: readonly ReceiverControl[]): void {
    this.controls = controls;
  }

  onProven(): void {
    this.reports.push('proven');
  }

  onUnproven(): void {
    this.reports.push('unproven');
  }

  onFenced(): void {
    this.reports.push('fenced');
  }

  onRecovered(deliveries: readonly ClaimedDelivery[]): void {
    this.reports.push('recovered');
    this.recovered.push(...deliveries);
  }

  heldDeliveries(): readonly ClaimKey[] {
    return this.held;
  }

  onNotice(level: 'log' | 'warn' | 'error', message: string): void {
    this.notices.push(`${level}: ${message}`);
  }

  count(report: Report): number {
    return this.reports.filter((each) => each === report).length;
  }

  /** Waits until a report has come at least so often. */
  async saw(report: Report, times = 1): Promise<void> {
    await eventually(
      `${report}, ${times} times; notices: ${this.notices.join(' | ')}`,
      () => this.count(report) >= times,
    );
  }
}
