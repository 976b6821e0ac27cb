import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A text message that has left the house. */
@Entity('demo_customer_message')
export class CustomerMessage {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  readonly id: string;

  @Column({ name: 'payment_id', type: 'bigint' })
  paymentId: string;
}
