import { packClaims, unpackClaims } from '../../../lib/engine/liveness/thread/packed-claims.js';

const LARGEST_INTEGER = 2 ** 31 - 1;

describe('Packed claims', () => {
  it('are the same deliveries when they have crossed to the other thread', () => {
    const deliveries = [1, 2, 3].map((number) => ({
      eventId: `922337203685477580${number}`,
      receiver: LARGEST_INTEGER - number,
      version: 10 + number,
      priority: number,
      readyXid: `184467440737095516${number}`,
      claims: LARGEST_INTEGER,
      attempts: 32_767,
      interruptions: 20 + number,
    }));
    expect(unpackClaims(structuredClone(packClaims(deliveries)))).toEqual(deliveries);
  });

  it('may be none', () => {
    expect(unpackClaims(structuredClone(packClaims([])))).toEqual([]);
  });
});
