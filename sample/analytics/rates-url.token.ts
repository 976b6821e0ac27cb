/** Token of the address of the exchange-rate service. */
export const RATES_URL = Symbol('RATES_URL');
