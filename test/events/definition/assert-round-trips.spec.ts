import { EventDefinitionError } from '../../../lib/errors/event-definition.error.js';
import { assertRoundTrips } from '../../../lib/events/definition/assert-round-trips.js';
import type { EventClass } from '../../../lib/events/definition/event-definition.js';
import { privateMemberOf } from '../../../lib/events/definition/private-members.js';

/** Compiled by the runtime alone, so that the transform of the tests changes nothing in the source. */
// eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- fixed texts of this file
const evaluate = (source: string): EventClass => new Function(`return (${source})`)() as EventClass;

describe('assertRoundTrips', () => {
  it.each([
    'class Plain { constructor(id) { this.id = id; } }',
    'class WithFields { id = 1; list = []; static count = 0; }',
    'class WithMethods { get total() { return 1; } describe() { return "#1"; } }',
    'class Derived extends class Base { id = 1; } {}',
    'class FromNull extends null {}',
    'class WithStatics { static #made = 0; static #make() { return WithStatics.#made++; } static { this.#make(); } }',
    'class WithText { /* #a = 1; */ tag = \'#b;\'; name = `\n#c = 2;\n`; // #d = 1;\n colour() { return "#fff"; } }',
    'function OldStyle(id) { this.id = id; }',
  ])('takes %s', (source) => {
    expect(() => assertRoundTrips(evaluate(source))).not.toThrow();
  });

  it.each([
    ['class Secret { #id = 1; }', 'Secret: has the private member #id, which receivers would not get; use a public'],
    ['class Secret{a=1;#b;constructor(){this.#b=2}}', 'Secret: has the private member #b'],
    ['class Secret { a = 1\n  #b\n  read() { return this.#b } }', 'has the private member #b'],
    ['class Secret { async *#walk() {} }', 'has the private member #walk'],
    ['class Secret { get #total() { return 1; } }', 'has the private member #total'],
    ['class Derived extends class Base { #id; } {}', 'Derived: has the private member #id'],
    ['class Tags extends Map {}', 'Tags: extends Map, whose contents would be lost; make it a class of its own'],
    ['class Lines extends Array {}', 'Lines: extends Array'],
    ['class Moment extends Date {}', 'Moment: extends Date'],
    ['class Failed extends Error {}', 'Failed: extends Error'],
    ['class Deep extends class Later extends Promise {} {}', 'Deep: extends Promise'],
    [
      'class Money { toJSON() { return 1; } }',
      'Money: has toJSON, so something else than its properties would be stored',
    ],
    ['class Euro extends class Money { toJSON() {} } {}', 'Euro: has toJSON'],
    [
      'class Order { set id(value) {} }',
      'Order: has a setter for id, which is not run for a receiver; use a plain property',
    ],
    ['class Late extends class Order { get id() {} set id(value) {} } {}', 'Late: has a setter for id'],
  ])('refuses %s', (source, message) => {
    expect(() => assertRoundTrips(evaluate(source))).toThrow(EventDefinitionError);
    expect(() => assertRoundTrips(evaluate(source))).toThrow(message);
  });

  it.each([
    'constructor() { _class_private_field_init(this, _id, { writable: true, value: 1 }); }',
    'constructor() { _id.set(this, 1); } id() { return __classPrivateFieldGet(this, _id, "f"); }',
    'constructor() { _classPrivateFieldInitSpec(this, _id, 1); }',
  ])('knows private members that a compiler replaced: %s', (body) => {
    expect(privateMemberOf(`class Secret { ${body} }`)).toMatch(/compiled to/);
  });

  it('knows the private members of a class as the tests compile it', () => {
    class Secret {
      #id = 1;
      read(): number {
        return this.#id;
      }
    }
    expect(() => assertRoundTrips(Secret)).toThrow('Secret: has the private member #');
  });
});
