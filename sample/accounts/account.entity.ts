import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Somebody who uses the product. What they have not done yet is null. */
@Entity('account')
export class Account {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  readonly id: string;

  @Column({ type: 'varchar', length: 254, unique: true })
  email: string;

  /** Sent by mail, so that whoever knows it reads that mailbox. */
  @Column({ name: 'verification_code', type: 'varchar', length: 6 })
  verificationCode: string;

  @Column({ name: 'email_verified', type: 'boolean', default: false })
  emailVerified: boolean;

  @Column({ type: 'varchar', length: 100, nullable: true })
  company: string | null;

  /** The last four digits of a card; the rest is with the provider. */
  @Column({ name: 'payment_method', type: 'varchar', length: 4, nullable: true })
  paymentMethod: string | null;
}
