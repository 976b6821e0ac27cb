import type { MemoryStorage, StorageFixture } from '../../../../lib/testing/index.js';

/** A bug, as what takes the place of sound parts of a storage in memory. */
export interface Plant {
  /** Name of the contract that is not fulfilled by it. */
  readonly contract: string;
  /** What a part that has it does. */
  readonly what: string;
  readonly plant: (storage: MemoryStorage, sound: StorageFixture) => Partial<StorageFixture>;
  /** The case that fails. */
  readonly found: RegExp;
}

/** The same but for some methods. */
export function changed<Part extends object>(part: Part, methods: Partial<Part>): Part {
  return new Proxy(part, {
    get: (target, property) => {
      const value: unknown = Reflect.get(property in methods ? methods : target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
