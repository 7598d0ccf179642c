import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { ping } from '../../../models/config.ts';
import type { Decision } from '../../../models/decision.ts';
import type { PathKey } from '../../../models/path.ts';
import type { TestResult } from '../../../models/test-result.ts';
import { snapshot } from '../../../src/core/report/snapshot.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { check, exampleConfig, exampleProvider, exampleState, failed, pathOf, warmUp } from '../example.ts';

const forbidden: TestResult = { ok: false, code: 'not-run', reason: 'a firewall rule forbids it' };

/** Notes checks of a path that could not be made, one a second, and returns what was decided. */
function blind(state: State, path: PathKey, from: number, until: number): Decision[] {
  const decisions: Decision[] = [];
  for (let at = from; at <= until; at += 1000)
    decisions.push(...step(state, check(path, at, forbidden, 1)).decisions);
  return decisions;
}

const said = (decisions: readonly Decision[]): string[] =>
  decisions.map(({ severity, sentence, reason }) => `${severity}: ${sentence}: ${reason}`);

test('a path that could not be checked for 10 s is unknown, with a warning, and one that passes is preferred', () => {
  const state = warmUp(exampleState());
  assert.deepEqual(blind(state, 'fibre/4', 6000, 15_000), []);
  assert.deepEqual(said(blind(state, 'fibre/4', 16_000, 16_000)), [
    'warning: the health of fibre (IPv4) is unknown: not checked for 11 s: a firewall rule forbids it',
    'warning: IPv4 moves from fibre to lte: failover: nothing is known of fibre: not checked for 11 s: a firewall rule forbids it',
  ]);
  blind(state, 'fibre/4', 17_000, 30_000);
  const [fibre] = snapshot(state).paths;
  assert.deepEqual([fibre?.health, fibre?.liveness], ['unknown', 'unknown']);
  assert.equal(fibre?.why, 'not checked for 25 s: a firewall rule forbids it');
});

test('it is judged as usual when checks can be made again, and that is said', () => {
  const state = warmUp(exampleState());
  blind(state, 'fibre/4', 6000, 20_000);
  const decisions = [21_000, 22_000, 23_000, 24_000, 25_000].flatMap(
    (at) => step(state, check('fibre/4', at)).decisions,
  );
  assert.deepEqual(said(decisions), [
    'notice: fibre (IPv4) is checked again: a check passed',
    'notice: fibre (IPv4) is reliable: 5 checks in a row passed (5 needed)',
  ]);
  assert.deepEqual(state.active[4], ['lte'], 'until the failback delay is over');
});

test('traffic stays where it is when no path can be checked', () => {
  const state = warmUp(exampleState());
  for (const id of ['lte', 'dsl', 'fibre'] as const) blind(state, `${id}/4`, 6000, 20_000);
  assert.deepEqual(state.active[4], ['fibre']);
});

test('a path that has never been checked is reported too', () => {
  const state = exampleState();
  const [warning] = blind(state, 'fibre/4', 0, 12_000);
  assert.match(
    said(warning ? [warning] : [])[0] ?? '',
    /^warning: the health of fibre \(IPv4\) is unknown: not checked/,
  );
});

test('a path that is down stays so while nobody can look', () => {
  const state = warmUp(exampleState());
  for (let at = 6000; at <= 7000; at += 50) step(state, check('fibre/4', at, failed(), 10));
  blind(state, 'fibre/4', 8000, 30_000);
  assert.deepEqual([pathOf(state, 'fibre').health, pathOf(state, 'fibre').liveness], ['unreliable', 'down']);
});

const slow: Readonly<Record<string, readonly [Config, everyMs: number, leastMs: number]>> = {
  'a check interval of 10 s': [exampleConfig({ checkIntervalMs: 10_000 }), 10_000, 100_000],
  'scenarios with an interval': [
    exampleConfig({ testScenarios: [ping('1.1.1.1', { every: 30 })] }),
    30_000,
    300_000,
  ],
  'a standby slowed down by its budget': [
    exampleConfig({ providers: [exampleProvider(1), exampleProvider(0, { tier: 5, probeBudget: 1000 })] }),
    600_000,
    1_200_000,
  ],
};

for (const [what, [config, everyMs, leastMs]] of Object.entries(slow)) {
  test(`with ${what}, that takes ${leastMs / 1000} s`, () => {
    const state = exampleState(config);
    const path = pathOf(state, 'fibre');
    for (let i = 0; i < 6; i += 1) step(state, check('fibre/4', i * everyMs));
    assert.equal(path.health, 'reliable');
    const from = 6 * everyMs;
    for (let at = 0; at < leastMs; at += everyMs) blind(state, 'fibre/4', from + at, from + at);
    assert.equal(path.health, 'reliable');
    blind(state, 'fibre/4', from + leastMs, from + leastMs);
    assert.equal(path.health, 'unknown');
  });
}

test('time that passes without checks is not held against a path: it may be pinned', () => {
  const state = warmUp(exampleState(exampleConfig({ probeWhileSticky: false })));
  blind(state, 'fibre/4', 6000, 6000);
  const at = check('fibre/4', 600_000).at;
  assert.deepEqual(step(state, { type: 'tick', at }).decisions, []);
  assert.equal(pathOf(state, 'fibre').health, 'reliable');
});
