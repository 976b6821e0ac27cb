import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  ConflictException,
  type HttpException,
  NotFoundException,
} from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';

import { AccountNotFoundError } from '../errors/account-not-found.error.js';
import { AccountError } from '../errors/account.error.js';
import { EmailTakenError } from '../errors/email-taken.error.js';

/** Answers what accounts refuse with the fitting status instead of 500. */
@Catch(AccountError)
export class AccountErrorFilter extends BaseExceptionFilter {
  override catch(error: AccountError, host: ArgumentsHost): void {
    super.catch(httpExceptionOf(error), host);
  }
}

function httpExceptionOf(error: AccountError): HttpException {
  if (error instanceof AccountNotFoundError) return new NotFoundException(error.message);
  if (error instanceof EmailTakenError) return new ConflictException(error.message);
  return new BadRequestException(error.message);
}
