/** What an operator decided about a receiver, for every process that has it. */
export interface ReceiverControl {
  /** Number under which the receiver's deliveries are stored. */
  readonly receiver: number;
  readonly paused: boolean;
  /** Runs at once in each process; `null` leaves it at what the code says. */
  readonly concurrency: number | null;
}

type ControlTuple = readonly [receiver: number, paused: boolean, concurrency: number | null];

/** Reads what {@link controlsExpression} made. */
export function parseControls(text: string | null): readonly ReceiverControl[] {
  if (text === null) return [];
  const tuples = JSON.parse(text) as readonly ControlTuple[];
  return tuples.map(([receiver, paused, concurrency]) => ({ receiver, paused, concurrency }));
}
