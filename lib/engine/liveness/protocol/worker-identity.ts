/** Who a worker is in the database. The number is never used twice, but a restored backup may repeat it: hence the boot. */
export interface WorkerIdentity {
  readonly id: number;
  readonly boot: string;
  /** Counts the proofs that followed an interruption. */
  readonly proof: number;
  /** Server process of the connection that proves it. */
  readonly backend: number;
}
