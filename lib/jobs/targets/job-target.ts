/**
 * A target by reference: the name of its entity, and its id as text. Ids of several columns are a JSON array of texts, in the order of the
 * primary columns: `["7","de"]`.
 *
 * @publicApi
 */
export interface TargetReference {
  readonly type: string;
  readonly id: string;
}

/**
 * What a job is about: an entity, a reference, or, where the type of the job names the entity, its id.
 *
 * @publicApi
 */
export type JobTarget = object | string | number | bigint;
