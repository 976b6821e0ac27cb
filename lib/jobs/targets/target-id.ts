import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import { JobsError } from '../../errors/jobs.error.js';

type PrimaryColumn = EntityMetadata['primaryColumns'][number];

/** Ids of one kind of column: which texts can be one, and how all texts of one id are written as the same. */
interface IdKind {
  readonly pattern: RegExp;
  readonly canonical: (text: string) => string;
}

const wholeNumber = (bits: number): IdKind['canonical'] => {
  const limit = 2n ** BigInt(bits - 1);
  return (text) => {
    const value = BigInt(text);
    return value >= -limit && value < limit ? value.toString() : '';
  };
};

const KINDS: ReadonlyMap<string, IdKind> = new Map([
  ['smallint', { pattern: /^-?\d{1,20}$/, canonical: wholeNumber(16) }],
  ['integer', { pattern: /^-?\d{1,20}$/, canonical: wholeNumber(32) }],
  ['bigint', { pattern: /^-?\d{1,20}$/, canonical: wholeNumber(64) }],
  [
    'uuid',
    {
      pattern: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
      canonical: (text) => text.toLowerCase(),
    },
  ],
]);

/** Ids of one entity as the text jobs keep: that of its primary column, or a JSON array of several. */
export class TargetId {
  constructor(
    private readonly metadata: EntityMetadata,
    private readonly typeOf: (column: PrimaryColumn) => string,
  ) {}

  /**
   * The id of an entity.
   *
   * @throws JobsError when it has none yet.
   */
  of(entity: object): string {
    const values = this.metadata.primaryColumns.map((column) => {
      const value: unknown = column.getEntityValue(entity);
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
        return this.canonical(column, String(value)) ?? String(value);
      }
      throw new JobsError(`target: this ${this.metadata.name} has no ${column.propertyName} yet; save it first.`);
    });
    return values.length === 1 ? (values[0] ?? '') : JSON.stringify(values);
  }

  /** The one text of an id, however it was written; `undefined` when no entity can have it. */
  normalized(id: string): string | undefined {
    const texts = this.split(id);
    if (texts === undefined) return undefined;
    return texts.length === 1 ? texts[0] : JSON.stringify(texts);
  }

  /** What finds the entity of an id; `undefined` when there can be none. */
  where(id: string): ObjectLiteral | undefined {
    return this.split(id)?.reduce<ObjectLiteral>((where, text, index) => {
      const column = this.metadata.primaryColumns[index];
      return column === undefined ? where : merged(where, column.createValueMap(text));
    }, {});
  }

  private split(id: string): readonly string[] | undefined {
    const { primaryColumns } = this.metadata;
    const texts = primaryColumns.length === 1 ? [id] : textsOf(id);
    if (texts?.length !== primaryColumns.length) return undefined;
    const canonical = primaryColumns.map((column, index) => this.canonical(column, texts[index] ?? ''));
    return canonical.every((text) => text !== undefined) ? canonical : undefined;
  }

  private canonical(column: PrimaryColumn, text: string): string | undefined {
    const kind = KINDS.get(this.typeOf(column));
    if (kind === undefined) return text;
    const canonical = kind.pattern.test(text) ? kind.canonical(text) : '';
    return canonical === '' ? undefined : canonical;
  }
}

function textsOf(id: string): readonly string[] | undefined {
  try {
    const values: unknown = JSON.parse(id);
    const isTexts = Array.isArray(values) && values.every((value): value is string => typeof value === 'string');
    return isTexts ? values : undefined;
  } catch {
    return undefined;
  }
}

/** Primary columns may lie in one embedded object or relation. */
function merged(one: ObjectLiteral, other: ObjectLiteral): ObjectLiteral {
  const result: ObjectLiteral = { ...one };
  for (const [key, value] of Object.entries(other) as [string, unknown][]) {
    const present: unknown = result[key];
    result[key] = isPlain(present) && isPlain(value) ? merged(present, value) : value;
  }
  return result;
}

function isPlain(value: unknown): value is ObjectLiteral {
  return typeof value === 'object' && value !== null;
}
