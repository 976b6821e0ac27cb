/** A registered receiver by the number its deliveries are stored under. */
export interface KnownReceiver {
  readonly number: number;
  readonly name: string;
  readonly retired: boolean;
  /** Names and wildcards it listens to. */
  readonly patterns: readonly string[];
}
