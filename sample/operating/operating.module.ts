import { Module } from '@nestjs/common';

import { OperatorConsole } from './operator-console.js';

/** For whoever runs the application. Nothing of it is reached over HTTP. */
@Module({ providers: [OperatorConsole], exports: [OperatorConsole] })
export class OperatingModule {}
