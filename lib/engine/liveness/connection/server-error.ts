const SESSION_ENDS = '57P';

/**
 * Whether the server itself refused a statement, on a session that goes on. The driver's own errors carry no severity, and the codes
 * of shutdown and termination say farewell.
 */
export function isServerError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'severity' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    !error.code.startsWith(SESSION_ENDS)
  );
}
