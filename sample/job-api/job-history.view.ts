import { ApiProperty } from '@nestjs/swagger';

import type { JobHistoryEntry } from '../../lib/index.js';

/** Something that happened to a job: a change, or a comment. */
export class JobHistoryView {
  @ApiProperty({ example: 'claimed' })
  readonly action: JobHistoryEntry['action'];
  @ApiProperty({ example: 'user:bob', description: 'who did it' })
  readonly actor: string;
  @ApiProperty()
  readonly at: Date;
  @ApiProperty({ type: String, nullable: true })
  readonly note: string | null;

  constructor({ action, actor, at, note }: JobHistoryEntry) {
    this.action = action;
    this.actor = actor;
    this.at = at;
    this.note = note;
  }
}
