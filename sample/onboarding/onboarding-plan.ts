/** Name of the plan that the steps name. */
export const ONBOARDING = 'onboarding';
