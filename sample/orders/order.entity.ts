import { Column, CreateDateColumn, Entity, JoinColumn, OneToOne, PrimaryGeneratedColumn } from 'typeorm';

import { safeInteger } from '../database/safe-integer.transformer.js';
import { Payment } from '../payments/payment.entity.js';
import type { OrderStatus } from './order-status.js';

/** An order owns its payment, which cannot be deleted as long as the order is there. */
@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  readonly id: string;

  @Column({ name: 'payment_id', type: 'bigint' })
  paymentId: string;

  @OneToOne(() => Payment, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'payment_id' })
  readonly payment?: Payment;

  /** In minor units, such as cents. */
  @Column({ type: 'bigint', transformer: safeInteger })
  amount: number;

  @Column({ type: 'varchar', length: 20 })
  status: OrderStatus;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  readonly createdAt: Date;
}
