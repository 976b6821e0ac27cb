import { spawn } from 'node:child_process';

/**
 * Runs a program to its end.
 *
 * @param {string} what names it in errors
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: Record<string, string>, killed?: boolean, onOutput?: (output: string) => void }} options `killed`: it
 *   has to end by SIGKILL; `onOutput` is told all it wrote so far
 * @returns {Promise<string>} what it wrote
 */
export function run(what, file, args, { cwd, env = {}, killed = false, onOutput = () => undefined }) {
  return new Promise((done, failed) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...withoutNpm(process.env), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 300_000,
    });
    let output = '';
    const write = (chunk) => {
      output += chunk;
      onOutput(output);
    };
    child.stdout.on('data', write);
    child.stderr.on('data', write);
    child.once('error', (error) => failed(new Error(`${what}: ${error.message}`)));
    child.once('close', (code, signal) => {
      const end = signal ?? code;
      if (end === (killed ? 'SIGKILL' : 0)) done(output);
      else failed(new Error(`${what} ended with ${end}:\n${output.trim().slice(-8000)}`));
    });
  });
}

/** A consumer must not be given settings that `npm run` made for this project. */
function withoutNpm(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD|TS_|JEST_|VITEST)/i.test(name)),
  );
}
