/**
 * `import '../support/own-network.ts'` in a test that changes the network, for two reasons: `test/run` gives
 * each file with this import a world of its own (a network, mounts, a /run), and outside of one the import
 * throws.
 */
import { readlinkSync } from 'node:fs';

// test/run records the namespace it created: a plain mark would be inherited by processes started elsewhere.
if (process.env['FAILOVER_OWN_NETWORK'] !== readlinkSync('/proc/self/ns/net'))
  throw new Error('this test changes its network: start it with test/run, which gives it one of its own');
