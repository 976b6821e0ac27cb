/** What a statement does to the transaction it is sent in. */
export type StatementKind = 'begin' | 'commit' | 'rollback' | 'savepoint' | 'settings' | 'other';

const KINDS: readonly (readonly [RegExp, StatementKind])[] = [
  [/^\s*(begin|start\s+transaction)\b/i, 'begin'],
  [/^\s*(commit|end)\b/i, 'commit'],
  [/^\s*rollback\s+(work\s+|transaction\s+)?to\b/i, 'savepoint'],
  [/^\s*(rollback|abort)\b/i, 'rollback'],
  [/^\s*(savepoint|release)\b/i, 'savepoint'],
  [/^\s*set\s+transaction\b/i, 'settings'],
];

export function kindOfStatement(text: string): StatementKind {
  return KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
}

/** Whether it brings a transaction that failed back to life. */
export function rollsBackToSavepoint(text: string): boolean {
  return /^\s*rollback\b/i.test(text);
}
