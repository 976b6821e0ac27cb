import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Controller, Get, Header } from '@nestjs/common';

/** The page on which one can watch an order being completed. */
@Controller()
export class PageController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  async page(): Promise<string> {
    return readFile(join(__dirname, 'page.html'), 'utf8');
  }
}
