import { SettingsError } from './settings.error.js';

/** What a process of the sample needs to know. */
export interface SampleSettings {
  readonly databaseUrl: string;
  readonly port: number;
  /** Whether this process runs receivers, too; one that does not merely emits. */
  readonly worker: boolean;
  /** Where analytics asks for the exchange rate. */
  readonly ratesUrl: string;
  /** What access tokens are signed with. */
  readonly tokenSecret: string;
  /** Whether an empty database is filled with something to look at. */
  readonly demoData: boolean;
}

const DEFAULT_PORT = 3000;
const DEMO_SECRET = 'no secret at all';

/**
 * Reads the settings from environment variables: DATABASE_URL, PORT, JOBS_WORKER (`off` for a process that only emits), RATES_URL,
 * TOKEN_SECRET, DEMO_DATA (`off` for none). With NODE_ENV=production there is no demonstration data and no secret but the given one.
 *
 * @throws SettingsError naming the variable that is missing or wrong.
 */
export function readSettings(environment: NodeJS.ProcessEnv): SampleSettings {
  const { DATABASE_URL, PORT, JOBS_WORKER, RATES_URL, TOKEN_SECRET, DEMO_DATA, NODE_ENV } = environment;
  const isProduction = NODE_ENV === 'production';
  if (!DATABASE_URL) {
    throw new SettingsError(
      'DATABASE_URL is not set. Give it the address of a PostgreSQL server; "npm start" prints that of its own one.',
    );
  }
  const port = PORT === undefined ? DEFAULT_PORT : Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new SettingsError(`PORT is "${PORT}", which is no port.`);
  if (isProduction && !TOKEN_SECRET) {
    throw new SettingsError(
      'TOKEN_SECRET is not set. In production give it a long random text, the same to each process.',
    );
  }
  const worker = JOBS_WORKER !== 'off';
  return {
    databaseUrl: DATABASE_URL,
    port,
    worker,
    ratesUrl: RATES_URL ?? `http://127.0.0.1:${port}/rates/eur-usd`,
    tokenSecret: TOKEN_SECRET ?? DEMO_SECRET,
    demoData: worker && !isProduction && DEMO_DATA !== 'off',
  };
}
