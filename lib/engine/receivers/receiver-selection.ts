/** Which receivers a process works for, by their ids; `*` in an id stands for any characters. */
export interface ReceiverPatterns {
  /** Those to work for; left out for all. */
  readonly receivers?: readonly string[] | undefined;
  /** Those to leave to others, whatever `receivers` says. */
  readonly excludeReceivers?: readonly string[] | undefined;
}

const EVERY = ['*'];

/** Tells the receivers a process works for from those it leaves to others. */
export class ReceiverSelection {
  private readonly included: readonly RegExp[];
  private readonly excluded: readonly RegExp[];

  constructor({ receivers = EVERY, excludeReceivers = [] }: ReceiverPatterns) {
    this.included = receivers.map(toExpression);
    this.excluded = excludeReceivers.map(toExpression);
  }

  includes(id: string): boolean {
    return this.included.some((one) => one.test(id)) && !this.excluded.some((one) => one.test(id));
  }
}

/** Whether a pattern stands for an id. */
export function matchesReceiver(pattern: string, id: string): boolean {
  return toExpression(pattern).test(id);
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
