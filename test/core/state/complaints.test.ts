import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestResult } from '../../../models/test-result.ts';
import { snapshot } from '../../../src/core/report/snapshot.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { check, exampleConfig, exampleProvider, exampleState, failed, passed, start } from '../example.ts';

const notRun = { ok: false, code: 'not-run', reason: 'the program /x could not be started' } as const;

function state(): State {
  return exampleState(exampleConfig({ providers: [exampleProvider(0)] }));
}

let after = 0;
/** A check in which the ping and another scenario found this. */
function round(of: State, other: TestResult, ping: TestResult = passed()): void {
  after += 1000;
  const targets = [
    { target: 'ping 1.1.1.1', result: ping },
    { target: 'other', result: other },
  ];
  step(of, { ...check('fibre/4', after, ping), targets });
}

const remarks = (of: State) => snapshot(of).paths[0]?.remarks;

test('complaintsOf() tells of a scenario that fails again and again while the checks pass, until it passes', () => {
  const s = state();
  round(s, failed('status 500'));
  round(s, failed('status 500'));
  assert.deepEqual(remarks(s), []);
  round(s, failed('status 503'));
  assert.deepEqual(remarks(s), ['"other" failed 3 times in a row, the checks pass without it: status 503']);
  round(s, passed());
  assert.deepEqual(remarks(s), []);
});

test('complaintsOf() tells at once of what cannot be run', () => {
  const s = state();
  round(s, notRun);
  assert.deepEqual(remarks(s), ['"other" cannot be run and has no say: the program /x could not be started']);
});

test('complaintsOf() begins anew after a check that failed, and with another configuration', () => {
  const s = state();
  for (let i = 0; i < 3; i += 1) round(s, failed());
  round(s, failed(), failed());
  assert.deepEqual(remarks(s), [], 'the check says itself what is wrong');
  for (let i = 0; i < 3; i += 1) round(s, failed());
  assert.equal(remarks(s)?.length, 1);
  step(s, { type: 'config', at: start + after + 100, config: s.config });
  assert.deepEqual(remarks(s), []);
});

test('complaintsOf() leaves dead targets to their own notice', () => {
  const s = exampleState();
  for (let i = 0; i < 4; i += 1) {
    for (const id of ['fibre', 'lte', 'dsl'] as const) {
      const targets = [
        { target: 'good', result: passed() },
        { target: 'bad', result: failed() },
      ];
      step(s, { ...check(`${id}/4`, i * 1000), targets });
    }
  }
  assert.equal(snapshot(s).deadTargets.length, 1);
  assert.ok(snapshot(s).paths.every((path) => path.remarks.length === 0));
});
