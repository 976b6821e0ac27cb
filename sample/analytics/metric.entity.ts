import { Column, Entity, PrimaryColumn } from 'typeorm';

import { safeInteger } from '../database/safe-integer.transformer.js';

/** A number that only grows. */
@Entity('metric')
export class Metric {
  @PrimaryColumn({ type: 'text' })
  name: string;

  @Column({ type: 'bigint', transformer: safeInteger })
  value: number;
}
