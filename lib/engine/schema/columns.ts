import type { EntitySchemaColumnOptions } from 'typeorm';

export const bigint = (options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'bigint',
  ...options,
});
export const integer = (options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'integer',
  ...options,
});
export const smallint = (options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'smallint',
  ...options,
});
export const text = (options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'text',
  ...options,
});
export const json = (options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'jsonb',
  ...options,
});
export const time = (options: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'timestamptz',
  ...options,
});
export const now = { default: () => 'now()' };
export const nullable = { nullable: true };
export const primary = (constraint: string): Partial<EntitySchemaColumnOptions> => ({
  primary: true,
  primaryKeyConstraintName: constraint,
});
export const serial = (constraint: string): Partial<EntitySchemaColumnOptions> => ({
  ...primary(constraint),
  generated: 'increment',
});
