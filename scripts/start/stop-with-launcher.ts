/**
 * Loaded into each service before its own code (`--import`): when the launcher is gone, whatever way, the channel to it closes, and
 * the service stops as if it had been asked to. Ten seconds to drain, then it goes without.
 */
process.on('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000).unref();
});
process.channel?.unref();
