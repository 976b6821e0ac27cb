import { JobType } from '../../lib/index.js';
import { note } from './note.schema.js';

/** Something users ask of themselves. */
@JobType('personal.follow-up', { metadata: note })
export class FollowUp {
  declare metadata: typeof note;
}
