/** The ways to tell an order that its payment has ended. */
export const WAYS = {
  'send-inside': 'plain event, sent inside the transaction',
  'send-after': 'plain event, sent after the commit',
  reliable: 'reliable event',
} as const;

export type Way = keyof typeof WAYS;
