import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  ConflictException,
  ForbiddenException,
  type HttpException,
  NotFoundException,
} from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';

import {
  DurationError,
  InvalidCursorError,
  InvalidOptionError,
  JobConflictError,
  JobForbiddenError,
  JobNotFoundError,
  JobsError,
  PayloadError,
  UnknownJobTypeError,
} from '../../lib/index.js';

/** What the caller can do something about. Every other error of the library is the application's own mistake: 500, and a line in the log. */
const BAD_INPUT = [PayloadError, InvalidOptionError, InvalidCursorError, DurationError, UnknownJobTypeError];

/** Answers what jobs refuse with the fitting status; the messages name the field and the remedy. */
@Catch(JobsError)
export class JobErrorFilter extends BaseExceptionFilter {
  override catch(error: JobsError, host: ArgumentsHost): void {
    super.catch(httpExceptionOf(error) ?? error, host);
  }
}

function httpExceptionOf(error: JobsError): HttpException | null {
  if (error instanceof JobNotFoundError) return new NotFoundException(error.message);
  if (error instanceof JobForbiddenError) return new ForbiddenException(error.message);
  if (error instanceof JobConflictError) return new ConflictException(error.message);
  // Refusals without a class of their own, such as metadata that is too large or an outcome the type does not have.
  const isPlain = error.constructor === JobsError;
  if (isPlain || BAD_INPUT.some((kind) => error instanceof kind)) return new BadRequestException(error.message);
  return null;
}
