/** What the sample says once it listens. */
export function welcome(address: string, worker: boolean): string {
  const url = address.replace('[::1]', 'localhost').replace('[::]', 'localhost');
  return `
The sample runs at ${url}${worker ? '' : ' and only emits: start a worker with "npm run sample:worker"'}
Open it in a browser and watch an order being completed, or try this:

1. Order something; the answer has the ids of the order and of its payment.
   curl -s ${url}/orders -H 'content-type: application/json' -d '{"amount": 10000}'

2. Pay it. The fake provider calls the webhook, here twice; the second call changes nothing.
   curl -s ${url}/provider/payments/<payment id> -d status=succeeded -d times=2

3. See that the order is completed, and that analytics counted it although the service it asks fails at every other call.
   curl -s ${url}/orders/<order id>; curl -s ${url}/analytics

Then kill it while it works: kill -9 ${process.pid}, start it again, and look at ${url}/orders.
`;
}
