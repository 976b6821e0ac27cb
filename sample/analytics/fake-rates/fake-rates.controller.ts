import { Controller, Get, InternalServerErrorException } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';

const RATE = 1.08;

/** Stands in for an exchange-rate service of somebody else; every other call fails. */
@ApiTags('fake exchange rates')
@Controller('rates')
export class FakeRatesController {
  private calls = 0;

  @Get('eur-usd')
  eurToUsd(): { rate: number } {
    this.calls += 1;
    if (this.calls % 2 === 1) throw new InternalServerErrorException('the exchange-rate service has a bad moment');
    return { rate: RATE };
  }
}
