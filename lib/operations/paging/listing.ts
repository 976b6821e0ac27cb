import type { Parameters } from './parameters.js';
import type { Walk } from './walk.js';

/** A list that is read in pages. */
export interface Listing {
  /** What the list is made of, one after the other. */
  readonly walks: readonly Walk[];
  /** Conditions on the row `r` that no index answers. */
  conditions(parameters: Parameters): readonly string[];
  /** What belongs to each row, called `j`; it is looked up for rows that meet the conditions above, and for no others. */
  readonly joined?: JoinedRow;
  /** SQL of the item as JSON. */
  readonly item: string;
}

/** One row of another table that belongs to a row of the list. */
export interface JoinedRow {
  /** SQL that finds it by an index, up to and with its conditions. */
  readonly lookUp: string;
  /** Conditions on it. */
  conditions(parameters: Parameters): readonly string[];
}
