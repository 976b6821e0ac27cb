import { z } from 'zod';

/** What users say of a job they ask for: small, and nothing else. */
export const note = z.strictObject({
  title: z.string().trim().min(1).max(200),
  details: z.string().trim().max(2_000).optional(),
});
