import { Module } from '@nestjs/common';

import { AnswerQuestion } from './answer-question.js';
import { FollowUp } from './follow-up.js';
import { MyJobsController } from './my-jobs.controller.js';

/** A user's own list of what is to be done. */
@Module({ controllers: [MyJobsController], providers: [FollowUp, AnswerQuestion] })
export class MyJobsModule {}
