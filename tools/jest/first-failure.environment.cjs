// Ends a mutant's run at the first test that fails, in whichever spec: the mutant is found, and Jest itself would go on to the end.
const { TestEnvironment } = require('jest-environment-node');

/** The module stays loaded from spec to spec and from mutant to mutant. */
let found;

module.exports = class FirstFailureEnvironment extends TestEnvironment {
  async handleTestEvent(event, { rootDescribeBlock }) {
    const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
    if (mutant === undefined) return;
    if (event.name === 'test_done' && event.test.errors.length > 0) found = mutant;
    if (found === mutant && (event.name === 'run_start' || event.name === 'test_done')) skipRest(rootDescribeBlock);
  }
};

function skipRest(block) {
  for (const child of block.children) {
    if (child.type === 'describeBlock') skipRest(child);
    else if (child.status === null) child.mode = 'skip';
  }
}
