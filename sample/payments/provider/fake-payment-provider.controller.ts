import { IncomingMessage } from 'node:http';

import {
  BadRequestException,
  Body,
  Controller,
  DefaultValuePipe,
  Get,
  Header,
  HttpCode,
  Param,
  ParseEnumPipe,
  ParseIntPipe,
  Post,
  Query,
  Redirect,
  Req,
  UseFilters,
} from '@nestjs/common';
import { ApiBody, ApiQuery, ApiTags } from '@nestjs/swagger';

import { ParseIdPipe } from '../../http/parse-id.pipe.js';
import { PaymentErrorFilter } from '../payment-error.filter.js';
import { FAKE_PAYMENT } from '../payment-notice.schema.js';
import { PAYMENT_OUTCOMES, type PaymentOutcome } from '../payment-status.js';
import { PaymentsService } from '../payments.service.js';
import { checkoutPage } from './checkout.page.js';
import { FakePaymentProvider, type WebhookAnswer } from './fake-payment-provider.js';

const MOST_NOTICES = 10;
/** A path of this site. `//host` and `/\host` would leave it. */
const LOCAL_PATH = /^\/(?![/\\])/;

/** The pages and the interface of the fake provider. */
@ApiTags('fake payment provider')
@Controller('provider')
@UseFilters(PaymentErrorFilter)
export class FakePaymentProviderController {
  constructor(
    private readonly provider: FakePaymentProvider,
    private readonly payments: PaymentsService,
  ) {}

  @Get('checkout/:id')
  @Header('content-type', 'text/html; charset=utf-8')
  async page(@Param('id', ParseIdPipe) id: string): Promise<string> {
    return checkoutPage(await this.payments.get(id));
  }

  /** What the buttons of the page do: the notice goes out, then the customer goes back. */
  @Post('checkout/:id')
  @Redirect('/', 303)
  @ApiQuery({ name: 'returnTo', required: false })
  @ApiBody({ schema: FAKE_PAYMENT })
  async payAndReturn(
    @Req() request: IncomingMessage,
    @Param('id', ParseIdPipe) id: string,
    @Query('returnTo', new DefaultValuePipe('/')) returnTo: string,
    @Body('status', new ParseEnumPipe(PAYMENT_OUTCOMES)) status: PaymentOutcome,
    @Body('times', new DefaultValuePipe(1), ParseIntPipe) times: number,
  ): Promise<{ url: string }> {
    if (!LOCAL_PATH.test(returnTo)) throw new BadRequestException('returnTo is a path of this site');
    await this.pay(request, id, status, times);
    return { url: returnTo };
  }

  /** The same for programs; it answers what the webhook answered. */
  @Post('payments/:id')
  @HttpCode(200)
  @ApiBody({ schema: FAKE_PAYMENT })
  async pay(
    @Req() request: IncomingMessage,
    @Param('id', ParseIdPipe) id: string,
    @Body('status', new ParseEnumPipe(PAYMENT_OUTCOMES)) status: PaymentOutcome,
    @Body('times', new DefaultValuePipe(1), ParseIntPipe) times: number,
  ): Promise<readonly WebhookAnswer[]> {
    if (times < 1 || times > MOST_NOTICES) throw new BadRequestException(`times is 1 to ${MOST_NOTICES}`);
    return this.provider.notify(webhookUrl(request), id, status, times);
  }
}

/** The provider and the shop are one process here, so the webhook is where this request arrived. */
function webhookUrl(request: IncomingMessage): string {
  return `http://127.0.0.1:${request.socket.localPort ?? ''}/payments/webhook`;
}
