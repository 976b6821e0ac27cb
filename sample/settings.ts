import { SettingsError } from './settings.error.js';

/** What a process of the sample needs to know. */
export interface SampleSettings {
  readonly databaseUrl: string;
  readonly port: number;
  /** Whether this process runs receivers, too; one that does not merely emits. */
  readonly worker: boolean;
  /** Where analytics asks for the exchange rate. */
  readonly ratesUrl: string;
}

const DEFAULT_PORT = 3000;

/**
 * Reads the settings from environment variables: DATABASE_URL, PORT, JOBS_WORKER (`off` for a process that only emits), RATES_URL.
 *
 * @throws SettingsError naming the variable that is missing or wrong.
 */
export function readSettings(environment: NodeJS.ProcessEnv): SampleSettings {
  const { DATABASE_URL, PORT, JOBS_WORKER, RATES_URL } = environment;
  if (!DATABASE_URL) {
    throw new SettingsError(
      'DATABASE_URL is not set. Give it the address of a PostgreSQL server; "npm start" prints that of its own one.',
    );
  }
  const port = PORT === undefined ? DEFAULT_PORT : Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new SettingsError(`PORT is "${PORT}", which is no port.`);
  return {
    databaseUrl: DATABASE_URL,
    port,
    worker: JOBS_WORKER !== 'off',
    ratesUrl: RATES_URL ?? `http://127.0.0.1:${port}/rates/eur-usd`,
  };
}
