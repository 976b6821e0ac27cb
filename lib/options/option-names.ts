/** Some of the names that the options of a kind have. */
export type OptionNames<Options> = readonly (keyof Options & string)[];
