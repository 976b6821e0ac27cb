import type { History } from '../history/history.js';
import type { Rule } from './rule.js';

export interface Verdict {
  readonly rule: string;
  readonly promise: string;
  readonly violations: readonly string[];
}

/** Judges a history by each rule. */
export function check(history: History, rules: readonly Rule[]): readonly Verdict[] {
  return rules.map((rule) => ({ rule: rule.name, promise: rule.promise, violations: rule.check(history) }));
}

/** The rules that a history breaks. */
export function broken(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.filter(({ violations }) => violations.length > 0);
}
