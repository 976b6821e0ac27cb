import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { isEmail, ValidateBy } from 'class-validator';

const MOST_CHARACTERS = 254;
/** `isEmail` throws at these instead of refusing them. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** An address of the input. */
export function Email(example: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, format: 'email', maxLength: MOST_CHARACTERS, example }),
    ValidateBy({
      name: 'email',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && value.length <= MOST_CHARACTERS && !LONE_SURROGATE.test(value) && isEmail(value),
        defaultMessage: () => '$property must be an email address',
      },
    }),
  );
}
