/** Whole numbers as the text of an array, for a parameter: given as a list, the driver would quote and escape each. */
export function numbersToArray(numbers: readonly (number | bigint | string)[]): string {
  return `{${numbers.join(',')}}`;
}

/** Whole numbers of an array that was sent as its text, for which the driver needs a fraction of the time it takes for rows. */
export function numbersOfArray(array: string): number[] {
  return JSON.parse(`[${array.slice(1, -1)}]`) as number[];
}

/** The same of numbers that may be larger than JavaScript's are exact. */
export function bigNumbersOfArray(array: string): string[] {
  const numbers = array.slice(1, -1);
  return numbers === '' ? [] : numbers.split(',');
}
