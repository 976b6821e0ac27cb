import type { ClientConfig } from '../../database/client-config.js';

const KEPT = [
  'user',
  'database',
  'host',
  'port',
  'password',
  'connectionString',
  'ssl',
  'sslnegotiation',
  'enableChannelBinding',
  'options',
  'application_name',
  'fallback_application_name',
  'client_encoding',
  'stream',
] as const satisfies readonly (keyof ClientConfig)[];

/**
 * What of a user's configuration says where and as whom to connect. Left out are timeouts, which poolers refuse at connect and which
 * the session sets by itself, type parsers, and whatever concerns a pool.
 */
export function connectionConfig(given: ClientConfig): ClientConfig {
  const entries = KEPT.filter((key) => given[key] !== undefined).map((key) => [key, given[key]] as const);
  return {
    ...(Object.fromEntries(entries) as ClientConfig),
    ...(typeof given.ssl === 'object' ? { ssl: withHiddenKey(given.ssl) } : {}),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
  };
}

/** `pg` hides the private key from enumeration in the very object it is given, so a copy would come without it. */
function withHiddenKey<Ssl extends object>(ssl: Ssl): Ssl {
  return 'key' in ssl ? { ...ssl, key: ssl.key } : { ...ssl };
}

/** Path of the first value that cannot be handed to a thread without changing, such as `ssl.checkServerIdentity`. */
export function unclonablePath(value: unknown, path = ''): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return path;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  if (!Array.isArray(value) && !isPlain(value)) return path;
  for (const [key, inner] of Object.entries(value)) {
    const found = unclonablePath(inner, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Configurations may come from another realm, whose Object is not ours; its prototype is a root all the same.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
