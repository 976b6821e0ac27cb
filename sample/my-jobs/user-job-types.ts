import { AnswerQuestion } from './answer-question.js';
import { FollowUp } from './follow-up.js';

/** Types of job that users may create themselves, by name. All others are the application's or staff's. */
export const USER_JOB_TYPES = {
  'personal.follow-up': FollowUp,
  'support.answer-question': AnswerQuestion,
} as const;

export type UserJobTypeName = keyof typeof USER_JOB_TYPES;

export const USER_JOB_TYPE_NAMES = Object.keys(USER_JOB_TYPES) as readonly UserJobTypeName[];

/** Whether users may create jobs of a type. */
export function isUserJobType(name: string): name is UserJobTypeName {
  return Object.hasOwn(USER_JOB_TYPES, name);
}
