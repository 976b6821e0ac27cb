import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { until } from '../../support/until.js';

const BUILD = resolve(__dirname, '../../../.build');
const COMMAND = resolve(BUILD, 'lib/command-line/nestjs-jobs.js');

/** The application that commands are tried on. */
export const COMMANDED_MODULE = resolve(BUILD, 'test/children/commanded.module.js');

/** A line a worker wrote: its word, and its fields. */
export interface WorkerLine {
  readonly what: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The package's command in a process of its own, as npm links it. */
export class Command {
  output = '';
  errors = '';
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.ended = new Promise((done) => child.once('close', (code, signal) => done(code ?? signal)));
  }

  static start(url: string, ...args: readonly string[]): Command {
    return new Command(
      spawn(process.execPath, [COMMAND, ...args], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { ...process.env, COMMANDED_URL: url, NO_COLOR: '1' },
      }),
    );
  }

  /** A worker of the application that commands are tried on, which begins at once. */
  static worker(url: string, ...flags: readonly string[]): Command {
    return Command.start(url, 'worker', '--module', COMMANDED_MODULE, '--no-startup-delay', ...flags);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What the worker wrote of a kind, such as `SUCCEEDED`. */
  lines(what: string): readonly WorkerLine[] {
    return this.output.split('\n').flatMap((line) => {
      const [, word, rest = ''] = /\[Worker\] ([A-Z]+)((?: [a-z-]+=(?:"(?:[^"\\]|\\.)*"|[^\s"]+))+)/.exec(line) ?? [];
      if (word !== what) return [];
      const fields = [...rest.matchAll(/ ([a-z-]+)=("(?:[^"\\]|\\.)*"|\S+)/g)].map(([, name, value]) => [name, value]);
      return [{ what, fields: Object.fromEntries(fields) as Record<string, string> }];
    });
  }

  /** Resolves when the worker wrote so many lines of a kind; rejects when it ends before. */
  async said(what: string, count = 1): Promise<void> {
    const over = this.ended.then((code) => {
      if (this.lines(what).length < count) throw new Error(`It ended with ${code}.\n${this.output}${this.errors}`);
    });
    await Promise.race([over, until(() => this.lines(what).length >= count, `${count} ${what}`)]);
  }

  /** Lets a receiver go on that waits for it. */
  goOn(): void {
    this.child.send('go on');
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
