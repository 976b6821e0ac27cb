import { AddPaymentMethod } from './add-payment-method.js';
import { InviteColleague } from './invite-colleague.js';
import { NameCompany } from './name-company.js';
import { VerifyEmail } from './verify-email.js';

/** The plan. To change it, add or remove a class; their numbers say in which order they come, and leave gaps for more. */
export const ONBOARDING_STEPS = [VerifyEmail, NameCompany, AddPaymentMethod, InviteColleague] as const;
