/**
 * One thing that can be done, to the model and to what it is a model of. Both answer; equal answers and equal rows afterwards are what
 * a model-based test is about.
 */
export interface Step<Model, Real> {
  readonly name: string;
  apply(model: Model): unknown;
  call(real: Real): Promise<unknown>;
}

/** What two steps that ran at the same time led to, in one order or with one of them refused. */
export interface SerialOutcome<Model> {
  readonly order: string;
  readonly answers: readonly [unknown, unknown];
  readonly model: Model;
}

/** Says of an answer that it means: nothing was done, because of what somebody else does at this moment. */
export type StoodBack = (answer: unknown) => boolean;

/**
 * Everything that two steps may lead to when they run at once: each must be as if the two had come one after the other. A step that
 * stood back for the other did nothing.
 */
export function serialOutcomes<Model, Real>(
  model: Model,
  copy: (model: Model) => Model,
  [first, second]: readonly [Step<Model, Real>, Step<Model, Real>],
  answers: readonly [unknown, unknown],
  stoodBack: StoodBack,
): readonly SerialOutcome<Model>[] {
  const forwards = copy(model);
  const backwards = copy(model);
  const inOrder = [first.apply(forwards), second.apply(forwards)] as const;
  const reversed = [second.apply(backwards), first.apply(backwards)] as const;
  const outcomes: SerialOutcome<Model>[] = [
    { order: `${first.name}, ${second.name}`, answers: inOrder, model: forwards },
    { order: `${second.name}, ${first.name}`, answers: [reversed[1], reversed[0]], model: backwards },
  ];
  if (stoodBack(answers[1])) {
    const alone = copy(model);
    outcomes.push({ order: first.name, answers: [first.apply(alone), answers[1]], model: alone });
  }
  if (stoodBack(answers[0])) {
    const alone = copy(model);
    outcomes.push({ order: second.name, answers: [answers[0], second.apply(alone)], model: alone });
  }
  return outcomes;
}
