/** Name of the header an event's sender travels in. */
export const SENDER_HEADER = 'nestjs-jobs-sender';

type Headers = Readonly<Record<string, string>>;

/** The headers to store for an event of a sender. */
export function withSender(headers: Headers | undefined, sender: string): Headers {
  return { ...headers, [SENDER_HEADER]: sender };
}

/** Who sent the event with these headers; `null` when nobody said. */
export function senderOf(headers: Headers): string | null {
  return headers[SENDER_HEADER] ?? null;
}

/** The headers the sender gave. */
export function withoutSender(headers: Headers): Headers {
  if (!(SENDER_HEADER in headers)) return headers;
  const { [SENDER_HEADER]: _sender, ...given } = headers;
  return given;
}
