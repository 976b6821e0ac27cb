import type { History } from '../history/history.js';

/** Something that must hold of every history. */
export interface Rule {
  readonly name: string;
  /** What it promises, as a sentence. */
  readonly promise: string;
  /** What contradicts it, each as a sentence; nothing when it holds. */
  check(history: History): readonly string[];
}
