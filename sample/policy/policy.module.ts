import { Module } from '@nestjs/common';

import { JOB_POLICY } from '../../lib/index.js';
import { SamplePolicy } from './sample.policy.js';

/** An application has one policy. */
@Module({ providers: [{ provide: JOB_POLICY, useClass: SamplePolicy }] })
export class PolicyModule {}
