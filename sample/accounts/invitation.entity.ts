import { Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

import { Account } from './account.entity.js';

/** A colleague that an account has invited, once. */
@Entity('invitation')
export class Invitation {
  @PrimaryColumn({ name: 'account_id', type: 'bigint' })
  accountId: string;

  @PrimaryColumn({ type: 'varchar', length: 254 })
  email: string;

  @ManyToOne(() => Account, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  readonly account?: Account;
}
