import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { until } from '../../support/until.js';

const root = resolve(__dirname, '../../..');

export interface StartOptions {
  /** Where it keeps its data. */
  readonly folder: string;
  readonly port: number;
  /** Who starts it, when it is not whoever runs the tests. */
  readonly account?: { readonly uid: number; readonly gid: number };
}

/** The sample as `npm start` starts it, with nothing in its environment that it could do without. */
export class StartedSample {
  private output = '';
  private readonly closed: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.closed = once(child, 'close');
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /** Starts it; it is to be waited for. */
  static start({ folder, port, account }: StartOptions): StartedSample {
    // Somebody else could not compile into this folder, nor has to.
    const [command, ...args] = account === undefined ? ['npm', 'start'] : [process.execPath, 'tools/start-sample.mjs'];
    const { PATH } = process.env;
    const child = spawn(command, args, {
      cwd: root,
      env: { PATH, HOME: folder, DATA_DIR: folder, PORT: String(port) },
      // A group of its own, so that nothing of it is left.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...account,
    });
    return new StartedSample(child);
  }

  /** Resolves when it has printed all that it prints. */
  async ready(): Promise<void> {
    const ended = this.closed.then(() => 'ended');
    while (!this.hasPrinted(/kill -9 \d+/)) {
      const next = Promise.race([once(this.child.stdout!, 'data'), once(this.child.stderr!, 'data'), ended]);
      if ((await next) === 'ended') throw new Error(`It ended by itself, and had said: ${this.output}`);
    }
  }

  hasPrinted(text: RegExp): boolean {
    return text.test(this.output);
  }

  async page(): Promise<string> {
    return (await this.fetch('/')).text();
  }

  async get<Answer>(path: string): Promise<Answer> {
    return (await (await this.fetch(path)).json()) as Answer;
  }

  async post<Answer>(path: string, body: object): Promise<Answer> {
    const [headers, text] = [{ 'content-type': 'application/json' }, JSON.stringify(body)];
    return (await (await this.fetch(path, { method: 'POST', headers, body: text })).json()) as Answer;
  }

  /** As it is told to be killed. */
  async kill(): Promise<void> {
    process.kill(Number(this.printed(/kill -9 (\d+)/)), 'SIGKILL');
    await this.closed;
  }

  /** Resolves when the PostgreSQL that it started is no more. */
  async databaseGone(): Promise<void> {
    const url = this.printed(/PostgreSQL: (\S+)/);
    const pidFile = join(this.printed(/data in (\S+)\)/), 'postmaster.pid');
    await until(async () => !existsSync(pidFile) && !(await answers(url)), 'the end of the server');
  }

  /** Ends whatever is left of it; what was killed before has been seen to. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    process.kill(-this.child.pid!, 'SIGKILL');
    await this.closed;
    if (this.hasPrinted(/PostgreSQL: /)) await this.databaseGone();
  }

  private async fetch(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(`${this.printed(/The sample runs at (\S+)/)}${path}`, init);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }

  private printed(what: RegExp): string {
    const text = what.exec(this.output)?.[1];
    if (text === undefined) throw new Error(`${what} is not in: ${this.output}`);
    return text;
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client(url);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}
