import { Module } from '@nestjs/common';

import { StaffController } from './staff.controller.js';

/** Where staff works. It knows no type of job: whatever has support among its candidates turns up here. */
@Module({ controllers: [StaffController] })
export class StaffModule {}
