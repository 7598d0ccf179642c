/**
 * `import '../support/own-network.ts'` in a test that changes the network, for two reasons: `test/run` gives each file
 * with this import a world of its own (a network, mounts, a /run), and outside of one the import throws.
 */
import { readlinkSync } from 'node:fs';

// test/run notes the namespace that it made: the mark alone would be inherited by whatever is started elsewhere.
if (process.env['FAILOVER_OWN_NETWORK'] !== readlinkSync('/proc/self/ns/net'))
  throw new Error(
    'this test changes the network it is in: start it with test/run, which makes it one of its own',
  );
