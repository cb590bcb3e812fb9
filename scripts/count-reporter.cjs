/** Writes what jest counted to the file that scripts/test.mjs names. CommonJS, because jest loads reporters with require. */
const { writeFileSync } = require('node:fs');

module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    if (!process.env.LANYARD_TEST_COUNT) return;
    // A suite that could not be loaded ran none of its tests: counted as one that failed.
    const broken = results.testResults.filter(
      ({ testExecError, failureMessage, numFailingTests }) => (testExecError || failureMessage) && numFailingTests === 0,
    );
    const count = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + broken.length,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(process.env.LANYARD_TEST_COUNT, JSON.stringify(count));
  }
};
