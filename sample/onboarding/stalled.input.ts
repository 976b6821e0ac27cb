import { OptionalWholeNumber } from '../http/list-inputs.js';
import { Text } from '../http/text.decorator.js';

export class StalledInput {
  @OptionalWholeNumber({ min: 0, max: 3_650, default: 3, description: 'days that somebody stands at a step' })
  readonly days: number = 3;

  @Text({ max: 1_000, optional: true, description: '"next" of the page before' })
  readonly after?: string;

  @OptionalWholeNumber({ min: 1, max: 200, default: 50 })
  readonly limit: number = 50;
}
