/// <reference lib="es2023.array" />
import { HOSTILE_VALUES } from './hostile-values.js';

/** What is good for one argument. `fields` are those of an object of options, each of which is tried by itself, too. */
export interface Argument {
  readonly name: string;
  readonly value: unknown;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** An argument that is a value. */
export function arg(name: string, value: unknown): Argument {
  return { name, value };
}

/** An argument that is an object whose fields are tried one by one. Only `needed` are there while another one is tried. */
export function options(
  fields: Readonly<Record<string, unknown>>,
  needed: Readonly<Record<string, unknown>> = {},
  name = 'options',
): Argument {
  return { name, value: needed, fields };
}

/** One call with something hostile in it. */
export interface HostileCall {
  readonly text: string;
  readonly args: readonly unknown[];
  /** Name the message has to hold, where it is a field of options. */
  readonly field: string | undefined;
}

/** Every call with one hostile value in the place of a good one. */
export function hostileCalls(method: string, args: readonly Argument[]): readonly HostileCall[] {
  const good = args.map(({ value }) => value);
  return args.flatMap(({ name, value, fields = {} }, index) =>
    Object.entries(HOSTILE_VALUES).flatMap(([kind, hostile]) => [
      { text: `${method}(… ${name} = ${kind} …)`, args: good.with(index, hostile), field: undefined },
      ...Object.keys(fields).map((field) => ({
        text: `${method}(… ${name}.${field} = ${kind} …)`,
        args: good.with(index, { ...(value as object), [field]: hostile }),
        field,
      })),
    ]),
  );
}
