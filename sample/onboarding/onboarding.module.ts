import { Module } from '@nestjs/common';

import { OnboardingController } from './onboarding.controller.js';
import { ONBOARDING_STEPS } from './steps/index.js';

/** What new accounts are led through. Accounts know nothing of it. */
@Module({ controllers: [OnboardingController], providers: [...ONBOARDING_STEPS] })
export class OnboardingModule {}
