import { Logger } from '@nestjs/common';

import { UsageError } from './operating/usage.error.js';
import { SettingsError } from './settings.error.js';

/** Runs the main function of a process, and ends the process when it fails. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    new Logger('Sample').fatal(isForTheReader(error) ? error.message : error);
    // A PostgreSQL server or a connection that is left would keep the process alive.
    process.exit(1);
  });
}

/** What a person at a console can mend; where it came from in the code would only hide that. */
function isForTheReader(error: unknown): error is Error {
  return error instanceof SettingsError || error instanceof UsageError;
}
