import type { Trouble } from './trouble.js';
import type { Way } from './way.js';

/** What a child is told to do. */
export interface CrashChildTask {
  readonly databaseUrl: string;
  readonly trouble: Trouble;
  /** Whether the child works on deliveries. */
  readonly worker: boolean;
  /** The webhook call to handle; left out by a child that only works. */
  readonly call?: { readonly way: Way; readonly paymentId: string };
}

/** What a child says. */
export type CrashChildReport =
  /** It is up, and its worker works. */
  | { readonly kind: 'ready' }
  /** It is where it shall be killed, and goes no further. */
  | { readonly kind: 'dying' }
  /** The call was answered. */
  | { readonly kind: 'answered'; readonly error: string | null; readonly milliseconds: number };
