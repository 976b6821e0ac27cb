import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';

/** Bounds and default of a whole number of a query. */
export interface WholeNumberOptions {
  readonly min: number;
  readonly max: number;
  readonly default?: number;
  readonly description?: string;
}

/** A whole number of a query, which need not be given. */
export function OptionalWholeNumber({ min, max, ...documented }: WholeNumberOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ ...documented, type: 'integer', minimum: min, maximum: max, required: false }),
    IsOptional(),
    Type(() => Number),
    IsInt(),
    Min(min),
    Max(max),
  );
}

/** `true` or `false` of a query, which need not be given. */
export function OptionalFlag(description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Boolean, required: false, description }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean(),
  );
}
