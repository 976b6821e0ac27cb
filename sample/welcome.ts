/** What there is to say of a process. */
export interface Welcome {
  readonly address: string;
  readonly worker: boolean;
  /** An access token of somebody of support. */
  readonly supportToken: string;
}

/** What the sample says once it listens. */
export function welcome({ address, worker, supportToken }: Welcome): string {
  const url = address.replace('[::1]', 'localhost').replace('[::]', 'localhost');
  return `
The sample runs at ${url}${worker ? '' : ' and only emits: start a worker with "npm run sample:worker"'}
Open it in a browser and watch an order being completed, see every route at ${url}/api, or try this:

1. Order something; the answer has the ids of the order and of its payment.
   curl -s ${url}/orders -H 'content-type: application/json' -d '{"amount": 10000}'

2. Pay it. The fake provider calls the webhook, here twice; the second call changes nothing.
   curl -s ${url}/provider/payments/<payment id> -d status=succeeded -d times=2

3. See that the order is completed, and that analytics counted it although the service it asks fails at every other call.
   curl -s ${url}/orders/<order id>; curl -s ${url}/analytics

4. Let the provider contradict itself five times. That is one job for support that counts, and no line in the log.
   curl -s ${url}/provider/payments/<payment id> -d status=failed -d times=5

5. Be somebody of support: see the queue, take the next job, and complete it.
   AS_SUPPORT='authorization: Bearer ${supportToken}'
   curl -s ${url}/staff/jobs -H "$AS_SUPPORT"
   curl -s -X POST ${url}/staff/jobs/next -H "$AS_SUPPORT"
   curl -s ${url}/staff/jobs/<job id>/complete -H "$AS_SUPPORT" -d outcome=provider-was-wrong

6. Sign up; the answer has a token and a code. Do what is on your list, and see what comes next.
   curl -s ${url}/accounts -d email=you@example.com
   AS_YOU='authorization: Bearer <token>'
   curl -s ${url}/me/jobs -H "$AS_YOU"
   curl -s ${url}/accounts/me/email-verification -H "$AS_YOU" -d code=<verification code>

7. See where people stall.
   for page in funnel ages stalled; do curl -s ${url}/onboarding/$page -H "$AS_SUPPORT"; done

Then kill it while it works: kill -9 ${process.pid}, start it again, and look at ${url}/orders.
`;
}
