import type { OptionChecks } from '../options/option-checks.js';

/**
 * Names with commas between, from a flag that may be given several times.
 *
 * @throws InvalidOptionError naming the flag.
 */
export function nameList(
  flag: string,
  given: readonly string[] | undefined,
  checks: OptionChecks,
): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const names = given.flatMap((text) => text.split(',')).map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw checks.invalid(flag, 'names with single commas between, such as order.*,analytics.count', given.join(','));
}
