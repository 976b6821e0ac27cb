import { JobType } from '../../lib/index.js';
import { note } from './note.schema.js';

/** Something users ask of support. */
@JobType('support.answer-question', {
  metadata: note,
  candidates: ['role:support'],
  outcomes: ['answered', 'not-understood'],
  dueIn: '1d',
  expiresIn: '60d',
})
export class AnswerQuestion {
  declare metadata: typeof note;
  declare outcome: 'answered' | 'not-understood';
}
