import { escapeForLog } from './escape-for-log.js';

const FRAME = /^ +at /;

/**
 * The frames of a stack, under the error's name, as they may stand in a log: a stack begins with the message, whose lines could pass for
 * lines of the log; the frames, which are indented, could not.
 */
export function stackForLog(name: string, stack: string | null): string | undefined {
  if (stack === null) return undefined;
  const frames = stack.split('\n').filter((line) => FRAME.test(line));
  return [escapeForLog(name), ...frames.map(escapeForLog)].join('\n');
}
