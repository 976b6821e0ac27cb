import { Logger } from '@nestjs/common';

import { SettingsError } from './settings.error.js';

/** Runs the main function of a process, and ends the process when it fails. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    new Logger('Sample').fatal(error instanceof SettingsError ? error.message : error);
    // A PostgreSQL server or a connection that is left would keep the process alive.
    process.exit(1);
  });
}
