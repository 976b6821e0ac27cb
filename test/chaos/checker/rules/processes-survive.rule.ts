import { entriesOf } from '../../history/history.js';
import type { Rule } from '../rule.js';

export const processesSurvive: Rule = {
  name: 'processes survive',
  promise: 'No fault of database or network ends a process that works.',
  check(history) {
    return entriesOf(history, 'process.ended')
      .filter(({ expected }) => !expected)
      .map(({ process, how }) => `${process} ended by itself: ${how}`);
  },
};
