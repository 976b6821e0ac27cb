import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';

const ID = /^[1-9]\d{0,17}$/;

/** Lets only what can be a bigint id through to the database. */
@Injectable()
export class ParseIdPipe implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    if (typeof value === 'string' && ID.test(value)) return value;
    throw new BadRequestException('an id is a positive whole number, as text');
  }
}
