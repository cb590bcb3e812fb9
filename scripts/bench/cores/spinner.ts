/** Keeps one core from going to sleep, and leaves with the process that started it: in turns, so that it hears of that. */
import { setPriority } from 'node:os';

const TURN_MS = 20;

// The lowest there is without `chrt`, which has put us lower still.
setPriority(19);
process.on('disconnect', () => process.exit(0));
const spin = () => {
  const until = performance.now() + TURN_MS;
  while (performance.now() < until);
  setImmediate(spin);
};
spin();
process.send?.('spinning');
