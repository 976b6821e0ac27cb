import { SessionUnprovenError } from '../session-unproven.error.js';

/** One end of a channel between two threads. */
export interface MessageEnd {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** What one side offers to the other; arguments and results must survive being cloned. */
export type Offer<Methods> = { readonly [Name in keyof Methods]: (...values: never[]) => unknown };

type Message =
  | { readonly kind: 'call'; readonly call: number; readonly method: string; readonly values: readonly unknown[] }
  | { readonly kind: 'tell'; readonly method: string; readonly values: readonly unknown[] }
  | { readonly kind: 'answer'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly call: number; readonly error: PlainError };

interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls methods on the other side of a channel, and answers the calls from there. */
export class Remote<Theirs extends Offer<Theirs>> {
  private readonly pending = new Map<number, PendingCall>();
  private calls = 0;
  private closed: Error | undefined;

  /** @param mine methods for the other side, by name. */
  constructor(
    private readonly end: MessageEnd,
    private readonly mine: ReadonlyMap<string, (...values: never[]) => unknown>,
  ) {
    end.on('message', (message) => this.receive(message as Message));
  }

  /** Calls a method and waits for its answer; rejects with its error, or when the channel is closed. */
  call<Name extends keyof Theirs & string>(
    method: Name,
    ...values: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    if (this.closed !== undefined) return Promise.reject(this.closed);
    return new Promise((resolve, reject) => {
      const call = (this.calls += 1);
      this.pending.set(call, { resolve: (value) => resolve(value as Awaited<ReturnType<Theirs[Name]>>), reject });
      this.post({ kind: 'call', call, method, values });
    });
  }

  /** Calls a method without waiting for it. */
  tell<Name extends keyof Theirs & string>(method: Name, ...values: Parameters<Theirs[Name]>): void {
    if (this.closed === undefined) this.post({ kind: 'tell', method, values });
  }

  /** The other side is gone: calls that wait are rejected, and further ones are. */
  close(error: Error): void {
    this.closed ??= error;
    for (const call of this.pending.values()) call.reject(error);
    this.pending.clear();
  }

  private post(message: Message): void {
    this.end.postMessage(message);
  }

  private receive(message: Message): void {
    if (this.closed !== undefined) return;
    if (message.kind === 'tell') this.run(message.method, message.values);
    else if (message.kind === 'call') void this.answer(message.call, message.method, message.values);
    else {
      const call = this.pending.get(message.call);
      this.pending.delete(message.call);
      if (message.kind === 'answer') call?.resolve(message.value);
      else call?.reject(revive(message.error));
    }
  }

  private async answer(call: number, method: string, values: readonly unknown[]): Promise<void> {
    try {
      this.post({ kind: 'answer', call, value: await this.run(method, values) });
    } catch (error) {
      this.post({ kind: 'failure', call, error: flatten(error) });
    }
  }

  private run(name: string, values: readonly unknown[]): unknown {
    const method = this.mine.get(name);
    if (method === undefined) throw new Error(`The other thread offers no "${name}".`);
    return Reflect.apply(method, undefined, values);
  }
}

/** Cloning keeps neither the class of an error nor its code. */
function flatten(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, message: error.message, stack: error.stack, code };
}

function revive({ name, message, stack, code }: PlainError): Error {
  if (name === SessionUnprovenError.name) return new SessionUnprovenError();
  const error = new Error(message);
  return Object.assign(error, {
    name,
    ...(stack === undefined ? {} : { stack }),
    ...(code === undefined ? {} : { code }),
  });
}
