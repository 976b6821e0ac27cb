/**
 * Settings of a session that only claims, under which the claim is planned once and the plan is kept.
 *
 * Planning it costs ten times as much as carrying it out. A plan that was made while the table was small is kept as well, though, and by
 * default it would go on reading the whole table when that is large. Here the ready index, walked in its order, is all the planner may choose.
 */
export const CLAIM_PLANNING: readonly (readonly [name: string, value: string])[] = [
  ['plan_cache_mode', 'force_generic_plan'],
  ['enable_seqscan', 'off'],
  ['enable_bitmapscan', 'off'],
  ['enable_sort', 'off'],
  ['jit', 'off'],
];

/** Takes them back until the end of a transaction, whose statements may well read whole tables. */
export const USUAL_PLANNING = CLAIM_PLANNING.map(([name]) => `set local ${name} = default`).join('; ');
