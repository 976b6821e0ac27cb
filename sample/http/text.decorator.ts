import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, ValidateBy } from 'class-validator';

const UNSTORABLE = /[\0\p{Surrogate}]/u;
const MOST_TEXTS = 20;

/** What is said of a text of the input. */
export interface TextOptions extends Pick<ApiPropertyOptions, 'description' | 'example'> {
  /** Most characters. */
  readonly max: number;
  readonly optional?: boolean;
}

/** A text of the input that says something and that PostgreSQL can keep. */
export function Text({ max, optional = false, ...documented }: TextOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ ...documented, type: String, minLength: 1, maxLength: max, required: !optional }),
    ...(optional ? [IsOptional()] : []),
    ValidateBy({
      name: 'text',
      validator: {
        validate: (value: unknown) => isText(value, max),
        defaultMessage: () => `$property must be ${textOf(max)}`,
      },
    }),
  );
}

/** The same of a list of texts; a single one counts as a list of one. */
export function Texts({ max, optional = false, ...documented }: TextOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ ...documented, type: [String], maxItems: MOST_TEXTS, required: !optional }),
    ...(optional ? [IsOptional()] : []),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value)),
    ValidateBy({
      name: 'texts',
      validator: {
        validate: (value: unknown) =>
          Array.isArray(value) && value.length <= MOST_TEXTS && value.every((text) => isText(text, max)),
        defaultMessage: () => `$property must be a list of at most ${MOST_TEXTS}, each ${textOf(max)}`,
      },
    }),
  );
}

function isText(value: unknown, max: number): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= max && !UNSTORABLE.test(value);
}

function textOf(max: number): string {
  return `a text of 1 to ${max} characters without \\u0000 or lone surrogates`;
}
