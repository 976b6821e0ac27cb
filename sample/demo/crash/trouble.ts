/** Where a process of the demo dies, in the order in which a webhook call passes them; and, at the end, two misfortunes without a crash. */
export const TROUBLES = {
  before: 'killed before the transaction',
  inside: 'killed inside it, after the send',
  'after-commit': 'killed after the commit',
  'mid-receiver': 'killed in the middle of the receiver',
  'after-receiver': "killed after the receiver's commit",
  'receiver-throws': 'no crash, but the receiver throws, once',
  'receiver-slow': 'no crash, but the receiver takes a second',
} as const;

export type Trouble = keyof typeof TROUBLES;

/** Whether the receiver is in trouble, rather than whoever emits. */
export function hitsReceiver(trouble: Trouble): boolean {
  return trouble !== 'before' && trouble !== 'inside' && trouble !== 'after-commit';
}

/** Whether the trouble is the end of a process. */
export function kills(trouble: Trouble): boolean {
  return trouble !== 'receiver-throws' && trouble !== 'receiver-slow';
}
