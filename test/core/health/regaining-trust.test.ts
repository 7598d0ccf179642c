import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../../models/decision.ts';
import { risen } from '../../../src/core/health/regaining-trust.ts';
import { PathState } from '../../../src/core/state/state.ts';
import { exampleConfig, exampleProvider } from '../example.ts';

const config = exampleConfig();

/** Why a path is trusted again that waited for this figure while 379 checks passed. */
function reasonAfter(name: Evidence['name'], limit: number): string {
  const path = new PathState(exampleProvider(0), 4, config);
  path.consecutiveSucceeded = 379;
  const figure: Evidence = { name, value: 2 * limit, unit: 'ms', limit, sense: 'above', crossed: true };
  path.why = () => ({ reason: 'it waits', numbers: {}, evidence: [figure] });
  return risen(path, config)().reason;
}

test('risen() names the limit that the path waited for', () => {
  const passed = '379 checks in a row passed (5 needed)';
  assert.equal(reasonAfter('loss', 0.05), `loss is back within 5 %: ${passed}`);
  assert.equal(reasonAfter('rtt', 400), `rtt is back within 400 ms: ${passed}`);
  assert.equal(reasonAfter('failedInWindow', 20), `no more than 20 of the last checks failed: ${passed}`);
  assert.equal(reasonAfter('consecutiveSucceeded', 4), passed);
});
