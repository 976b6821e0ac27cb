import { quoteIdentifier } from '../../schema/table-names.js';
import type { DirectConnection } from './direct-connection.js';

/** Payload that tells other processes that deliveries were released in place, to the left of where their claims begin. */
export const RESET_PAYLOAD = 'reset';

/** Payload that tells other processes that an operator decided something about a receiver. */
export const CONTROLS_PAYLOAD = 'controls';

const HELLO = 'hello:';

/** Whether a notification is only a session's question whether it hears itself. */
export function isHello(payload: string): boolean {
  return payload.startsWith(HELLO);
}

/** Subscribes to the channel and finds out whether notifications arrive: behind some poolers they never do. */
export async function listen(connection: DirectConnection, channel: string, boot: string): Promise<boolean> {
  const hello = `${HELLO}${boot}`;
  const { observer } = connection;
  let heard = false;
  connection.observer = {
    ...observer,
    notified: (payload) => {
      if (payload === hello) heard = true;
      else observer.notified?.(payload);
    },
  };
  try {
    await connection.query({ text: `listen ${quoteIdentifier(channel)}` });
    // A session gets its own notification together with the answer of the statement that sent it.
    await connection.query({ text: 'select pg_notify($1, $2)', values: [channel, hello] });
  } finally {
    if (connection.isOpen) connection.observer = observer;
  }
  return heard;
}
