import { JobsModule } from '../../../lib/index.js';

export const jobsModule =
  // #region direct
  JobsModule.forRoot({ worker: { connection: { url: process.env['DIRECT_URL']! } } });
// #endregion
