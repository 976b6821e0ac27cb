import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Controller, Get, Header } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';

/** The page on which one can watch an order being completed. */
@ApiTags('page')
@Controller()
export class PageController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @ApiProduces('text/html')
  async page(): Promise<string> {
    return readFile(join(__dirname, 'page.html'), 'utf8');
  }
}
