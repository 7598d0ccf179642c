// Preloaded by test/run: a file that is killed at its limit names the tests that had not finished.
let isEnding = false;
process.on('SIGTERM', () => {
  if (isEnding) return; // timeout(1) signals the process, and then its group
  isEnding = true;
  process.emit('beforeExit'); // node's runner closes its reports here
  setTimeout(() => process.exit(1), 3000);
});
