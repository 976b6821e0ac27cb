import {
  type ArgumentsHost,
  Catch,
  ConflictException,
  ForbiddenException,
  type HttpException,
  NotFoundException,
} from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';

import { JobConflictError, JobForbiddenError, JobNotFoundError } from '../../lib/index.js';

/** Answers what jobs refuse with the fitting status instead of 500. */
@Catch(JobNotFoundError, JobForbiddenError, JobConflictError)
export class JobErrorFilter extends BaseExceptionFilter {
  override catch(error: Error, host: ArgumentsHost): void {
    super.catch(httpExceptionOf(error), host);
  }
}

function httpExceptionOf(error: Error): HttpException {
  if (error instanceof JobNotFoundError) return new NotFoundException(error.message);
  if (error instanceof JobForbiddenError) return new ForbiddenException(error.message);
  return new ConflictException(error.message);
}
