import { Inject, Injectable } from '@nestjs/common';

import { RATES_URL } from './rates-url.token.js';
import { RatesError } from './rates.error.js';

/** Asks a service of somebody else for the exchange rate. It fails now and then, as such services do. */
@Injectable()
export class RatesClient {
  constructor(@Inject(RATES_URL) private readonly url: string) {}

  /** @throws RatesError unless the service answers as it should. */
  async eurToUsd(signal: AbortSignal): Promise<number> {
    const response = await fetch(this.url, { signal });
    if (response.status !== 200) throw new RatesError(`the exchange-rate service answered ${response.status}`);
    const answer: unknown = await response.json();
    if (typeof answer === 'object' && answer !== null && 'rate' in answer && typeof answer.rate === 'number') {
      return answer.rate;
    }
    throw new RatesError('the exchange-rate service answered without a rate');
  }
}
