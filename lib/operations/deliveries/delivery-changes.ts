/**
 * What an action did to the deliveries it was asked for, by their ids.
 *
 * @publicApi
 */
export interface DeliveryChanges {
  readonly changed: readonly string[];
  /** Was that way already. */
  readonly unchanged: readonly string[];
  /** A worker has it, or somebody else changes it at this moment: nothing was done. */
  readonly busy: readonly string[];
  /** Not open: done, dead, discarded, or never there. */
  readonly missing: readonly string[];
}
