import { Check, Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import { safeInteger } from '../database/safe-integer.transformer.js';
import { PaymentStateError } from './errors/payment-state.error.js';
import type { PaymentOutcome, PaymentStatus } from './payment-status.js';

/** An attempt to get money. It begins as `initiated` and ends once, as `succeeded` or `failed`. */
@Entity('payment')
@Check('payment_amount_positive', 'amount > 0')
export class Payment {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  readonly id: string;

  /** In minor units, such as cents. */
  @Column({ type: 'bigint', transformer: safeInteger })
  amount: number;

  @Column({ type: 'varchar', length: 20 })
  status: PaymentStatus;

  /** @throws PaymentStateError when the payment has ended already. */
  end(outcome: PaymentOutcome): void {
    if (this.status !== 'initiated') throw new PaymentStateError(this.id, this.status, outcome);
    this.status = outcome;
  }
}
