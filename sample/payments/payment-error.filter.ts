import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  ConflictException,
  type HttpException,
  NotFoundException,
} from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';

import { PaymentNotFoundError } from './errors/payment-not-found.error.js';
import { PaymentStateError } from './errors/payment-state.error.js';
import { PaymentError } from './errors/payment.error.js';

/** Answers what payments refuse with the fitting status instead of 500. */
@Catch(PaymentError)
export class PaymentErrorFilter extends BaseExceptionFilter {
  override catch(error: PaymentError, host: ArgumentsHost): void {
    super.catch(httpExceptionOf(error), host);
  }
}

function httpExceptionOf(error: PaymentError): HttpException {
  if (error instanceof PaymentNotFoundError) return new NotFoundException(error.message);
  if (error instanceof PaymentStateError) return new ConflictException(error.message);
  return new BadRequestException(error.message);
}
