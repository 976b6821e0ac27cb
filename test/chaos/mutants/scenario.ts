import type { ChaosSettings, Script } from '../chaos-run.js';

/** A short run that provokes something in particular; the engine as it is passes it. */
export interface Scenario {
  readonly name: string;
  readonly settings?: Partial<ChaosSettings>;
  readonly script: Script;
}
