// A producer or a worker, in a process of its own, told what to do over its IPC channel.
import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { profiledNode } from './profiling.mjs';

const main = fileURLToPath(new URL('./actor.process.mjs', import.meta.url));
const node24 = fileURLToPath(new URL('../node_modules/node24/bin/node', import.meta.url));

/** The Node every system runs on: the one the peers need, where it is installed. */
export const nodeForActors = process.env.BENCH_NODE ?? (existsSync(node24) ? node24 : process.execPath);

export class Actor {
  static #living = new Set();
  #calls = new Map();
  #lastCall = 0;
  #events = new EventEmitter();

  /** @param {{ module: string, settings?: object, node?: string[] }} system `node` are options its processes are started with. */
  static async start(role, { node = [], ...system }) {
    const child = fork(main, [JSON.stringify({ role, system })], {
      execPath: nodeForActors,
      execArgv: [...node, ...profiledNode()],
      // An application in production does not run with the options of the script that measures it.
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const actor = new Actor(child);
    await actor.#event('ready');
    return actor;
  }

  /** Ends all there are: what they were asked is then answered by an error. */
  static killAll() {
    for (const actor of Actor.#living) actor.child.kill('SIGKILL');
  }

  constructor(child) {
    this.child = child;
    Actor.#living.add(this);
    child.on('message', (message) => this.#receive(message));
    child.on('exit', (code, signal) => {
      this.ended = true;
      Actor.#living.delete(this);
      const error = new Error(`A process of the benchmark ended early (${signal ?? code}).`);
      for (const { reject } of this.#calls.values()) reject(error);
      this.#calls.clear();
      this.#events.emit('ended', error);
    });
  }

  get pid() {
    return this.child.pid;
  }

  call(method, ...values) {
    const call = (this.#lastCall += 1);
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      this.child.send({ call, method, values });
    });
  }

  /** Resolves when the process has reported the event; ask before it can happen. */
  event(name) {
    return this.#event(name);
  }

  async kill() {
    this.child.kill('SIGKILL');
    if (!this.ended) await once(this.child, 'exit');
  }

  async stop() {
    if (this.ended) return;
    const exit = once(this.child, 'exit');
    await this.call('close').catch(() => undefined);
    if (this.child.connected) this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(timer);
  }

  async #event(name) {
    const abort = new AbortController();
    const ended = once(this.#events, 'ended', { signal: abort.signal }).then(([error]) => Promise.reject(error));
    try {
      const [value] = await Promise.race([once(this.#events, name, { signal: abort.signal }), ended]);
      return value;
    } finally {
      abort.abort();
      ended.catch(() => undefined);
    }
  }

  #receive(message) {
    if (message.event !== undefined) {
      this.#events.emit(message.event, message.value);
      return;
    }
    const call = this.#calls.get(message.call);
    this.#calls.delete(message.call);
    if (message.error === undefined) call?.resolve(message.value);
    else call?.reject(new Error(message.error));
  }
}
