import type { Claimer } from '../../claiming/claimer.js';
import { parseControls } from '../../receivers/receiver-control.js';
import type { SessionEvents } from './session-events.js';

/** Reports what operators decided about receivers, each time it has changed. */
export class ControlWatch {
  private known: string | null | undefined;

  constructor(
    private readonly claimer: Claimer,
    private readonly events: Pick<SessionEvents, 'controls'>,
  ) {}

  /** @param controls as a statement of the session brought it along. */
  look(controls: string | null): void {
    if (controls === this.known) return;
    this.known = controls;
    // What was handed back for a pause lies to the left of the bounds.
    this.claimer.reset();
    this.events.controls(parseControls(controls));
  }
}
