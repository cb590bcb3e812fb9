/**
 * The files that take longest come first, so that at the end of a run no worker waits long for another. A fresh clone knows no durations of
 * its own, and jest then goes by the size of the file: the two simulations, of 14 lines, came last. Where it can be, one that computes
 * alone stands beside one that starts a dozen processes. CommonJS, as jest's own sequencer is.
 */
const { default: TestSequencer } = require('@jest/test-sequencer');
const longest = require('./longest-first.json');

module.exports = class LongestFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = longest.findIndex((name) => path.endsWith(`/${name}`));
      return at === -1 ? longest.length : at;
    };
    // What failed last time still comes before all, and a stable sort leaves the rest as it was.
    const place = (test) => (this.hasFailed(test) ? -1 : rank(test));
    return super.sort(tests).sort((a, b) => place(a) - place(b));
  }
};
