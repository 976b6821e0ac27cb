import type { DeliveryContext, TransactionalContext } from '../../lib/index.js';

type Part = (context: TransactionalContext) => unknown;

/** One call of a scripted receiver. */
export interface Played {
  readonly script: string;
  readonly attempt: number;
  readonly receiver: string;
}

/** What receivers do, decided by each test under a name that the event carries. */
export class Scripts {
  readonly played: Played[] = [];
  private readonly parts = new Map<string, Part>();

  /** Lets receivers of an event that names this script do `part`. */
  on(script: string, part: Part): void {
    this.parts.set(script, part);
  }

  /** How often a script was played. */
  count(script: string): number {
    return this.played.filter((played) => played.script === script).length;
  }

  async play(script: string, context: DeliveryContext): Promise<unknown> {
    this.played.push({ script, attempt: context.attempt, receiver: context.receiverId });
    return this.parts.get(script)?.(context as TransactionalContext);
  }

  clear(): void {
    this.parts.clear();
    this.played.length = 0;
  }
}
