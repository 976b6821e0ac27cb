export { JobsTestingModule } from './jobs-testing.module.js';
export { JobsTesting } from './jobs-testing.js';
export type { JobsTestingMode, JobsTestingOptions } from './jobs-testing-options.interface.js';
export { TestClock } from './clock/test-clock.js';
