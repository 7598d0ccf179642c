import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { http, ping } from '../../../models/config.ts';
import { snapshot } from '../../../src/core/report/snapshot.ts';
import { nextCheck } from '../../../src/core/schedule/next-check.ts';
import { nextDiagnosis } from '../../../src/core/schedule/next-diagnosis.ts';
import { Spending } from '../../../src/core/state/spending.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  failed,
  passed,
  pathOf,
  start,
} from '../example.ts';

const budget = 36_000; // ten bytes a second
const cost = 200; // of a check: one each 20 s is within it

function metered(changes: Partial<Config> = {}): State {
  const providers = [exampleProvider(0), exampleProvider(1, { probeBudget: budget })];
  const state = initial(exampleConfig({ providers, ...changes }), start);
  step(state, { type: 'links', at: start, links: exampleLinks(2) });
  return state;
}

/** Checks of both, each when it is due, as long as it is before `until`; `passes` says what they come to. */
function live(
  state: State,
  until: number,
  passes: (id: string, after: number) => boolean = () => true,
): void {
  for (;;) {
    const due = ['fibre', 'lte']
      .map((id) => ({ id, after: (nextCheck(state, pathOf(state, id))?.at ?? Infinity) - start }))
      .sort((a, b) => a.after - b.after)[0];
    if (due === undefined || due.after >= until) return;
    const after = Math.max(due.after, state.at - start - 20);
    const result = passes(due.id, after) ? passed() : failed();
    step(state, { ...check(`${due.id}/4`, after, result, 20), bytes: cost });
    step(state, { type: 'tick', at: state.at });
  }
}

const gap = (state: State, id: string): number => {
  const path = pathOf(state, id);
  return (nextCheck(state, path)?.at ?? 0) - (path.lastStart ?? 0);
};
const spentOf = (state: State, id: string) =>
  snapshot(state).paths.find((path) => path.provider === id)?.spent;

test('a standby with a budget is checked as far apart as its cost asks for, and keeps to it', () => {
  const state = metered();
  live(state, 4 * 3_600_000);
  assert.ok(gap(state, 'lte') >= 18_000 && gap(state, 'lte') <= 22_100, `${gap(state, 'lte')} ms`);
  const spent = spentOf(state, 'lte');
  assert.ok((spent?.lastHourBytes ?? 0) <= budget * 1.02 && (spent?.lastHourBytes ?? 0) > budget * 0.9);
  assert.equal(spent?.budgetBytes, budget);
  assert.ok(Math.abs((spent?.slowedToMs ?? 0) - 20_000) < 500, `${spent?.slowedToMs}`);
  assert.ok(gap(state, 'fibre') <= 1100);
  assert.equal(spentOf(state, 'fibre')?.slowedToMs, undefined);
  assert.ok((spentOf(state, 'fibre')?.sinceStartBytes ?? 0) > 4 * 3500 * cost);
});

test('what has an interval of its own is slowed down with it', () => {
  const state = metered();
  live(state, 2 * 3_600_000);
  const slowdown = nextCheck(state, pathOf(state, 'lte'))?.slowdown ?? 0;
  assert.ok(slowdown > 19 && slowdown < 21, `${slowdown}`);
  assert.equal(nextCheck(state, pathOf(state, 'fibre'))?.slowdown, undefined);
});

test('the active one is never slowed, and its plan changes with the switch', () => {
  const state = metered();
  live(state, 3_600_000);
  live(state, 3_700_000, (id) => id !== 'fibre');
  assert.deepEqual(state.active[4], ['lte']);
  assert.ok(gap(state, 'lte') <= 1100, `${gap(state, 'lte')} ms`);
  live(state, 7_200_000, (id) => id !== 'fibre');
  assert.ok((spentOf(state, 'lte')?.lastHourBytes ?? 0) > 10 * budget, 'whatever it costs');
});

test('who spent too much while it was active is slowed down further, until that is an hour ago', () => {
  const state = metered();
  live(state, 3_600_000, (id) => id !== 'fibre');
  live(state, 3_700_000);
  assert.deepEqual(state.active[4], ['fibre']);
  const over = (spentOf(state, 'lte')?.lastHourBytes ?? 0) / budget;
  assert.ok(over > 5);
  assert.ok(gap(state, 'lte') > 4 * 20_000, `${gap(state, 'lte')} ms`);
  live(state, 3 * 3_600_000);
  assert.ok(gap(state, 'lte') <= 24_000, `${gap(state, 'lte')} ms`);
});

test('a doubt about a standby is settled fast while something is left, and in a few intervals when nothing is', () => {
  const rich = metered();
  live(rich, 30_000);
  step(rich, { ...check('lte/4', 30_000, failed()), bytes: cost });
  assert.equal(gap(rich, 'lte'), 50);
  live(rich, 32_000, (id) => id !== 'lte');
  assert.equal(pathOf(rich, 'lte').liveness, 'down');
  const poor = metered();
  for (let after = 0; after < 240_000; after += 1000) step(poor, { ...check('lte/4', after), bytes: cost });
  step(poor, { ...check('lte/4', 240_000, failed()), bytes: cost });
  const gaps: number[] = [];
  for (let i = 0; i < 2; i += 1) {
    gaps.push(gap(poor, 'lte'));
    step(poor, { ...check('lte/4', state(poor) + gap(poor, 'lte'), failed(), 20), bytes: cost });
  }
  assert.ok(
    gaps.every((ms) => ms >= 900 && ms <= 1100),
    `${gaps}`,
  );
  assert.equal(pathOf(poor, 'lte').liveness, 'down', 'and it is judged all the same');
  assert.ok(gap(poor, 'lte') > 10_000);
});

function state(of: State): number {
  return (pathOf(of, 'lte').lastStart ?? 0) - start;
}

test('nothing is slowed while nobody passes, nor faster than checkInterval on a metered line', () => {
  const state = metered();
  live(state, 600_000);
  live(state, 900_000, () => false);
  assert.equal(state.allDown[4], true);
  state.active = { 4: ['fibre'], 6: [] };
  const ms = gap(state, 'lte');
  assert.ok(ms >= 900 && ms <= 1100, `${ms} ms`);
  assert.ok(gap(state, 'fibre') <= 221, 'as fast as ever');
});

test('both families share the budget', () => {
  const state = metered();
  for (let after = 0; after < 6000; after += 1000) step(state, { ...check('lte/4', after), bytes: cost });
  const alone = gap(state, 'lte');
  const six = state.paths.get('lte/6');
  assert.ok(six !== undefined);
  six.spending = new Spending();
  for (let i = 0; i < 6; i += 1) six.spending.add(state.at, { bytes: 3 * cost, checks: 1 });
  const both = gap(state, 'lte');
  assert.ok(Math.abs(both / alone - 4) < 0.01, `${alone} ms, then ${both} ms`);
});

test('a standby is checked once an hour at least, whatever it costs', () => {
  const state = metered();
  for (let after = 0; after < 6000; after += 1000) step(state, { ...check('lte/4', after), bytes: 1e9 });
  assert.ok(gap(state, 'lte') > 3_200_000 && gap(state, 'lte') <= 3_960_000, `${gap(state, 'lte')} ms`);
});

test('where everything has an interval of its own, checks are the shortest of these apart', () => {
  const testScenarios = [ping('1.1.1.1'), http('http://example.com/', { every: 30 })];
  const config = exampleConfig({ testScenarios });
  const state = initial(config, start);
  assert.equal(state.paths.get('fibre/4')?.intervalMs, 1000);
  assert.equal(state.paths.get('fibre/6')?.intervalMs, 30_000, 'the ping is for IPv4 only');
});

test('what is measured beside the checks is counted, and put as far apart', () => {
  const state = metered();
  live(state, 2 * 3_600_000);
  const before = spentOf(state, 'lte')?.sinceStartBytes ?? 0;
  const mtu = { target: '1.1.1.1', size: 1500, passes: true };
  for (const path of ['fibre/4', 'lte/4'] as const)
    step(state, {
      type: 'diagnosis',
      at: state.at,
      startedAt: state.at,
      path,
      asked: 'mtu',
      mtu,
      bytes: 3000,
    });
  assert.equal(spentOf(state, 'lte')?.sinceStartBytes, before + 3000);
  const after = (id: string) => (nextDiagnosis(state, pathOf(state, id))?.at ?? 0) - state.at;
  assert.equal(after('fibre'), 300_000);
  assert.ok(after('lte') > 19 * 300_000, `${after('lte')} ms`);
});

test('a metered standby whose carrier was lost for an instant is trusted again soon, while some budget is left', () => {
  for (const [spent, soon] of [
    [0, true],
    [2 * budget, false],
  ] as const) {
    const state = metered();
    live(state, 600_000);
    const { links, defaults } = exampleLinks(2);
    const dark = links.map((link, i) => (i === 1 ? { ...link, carrier: false } : link));
    step(state, { type: 'links', at: start + 600_000, links: { links: dark, defaults } });
    step(state, { type: 'links', at: start + 600_200, links: { links, defaults } });
    pathOf(state, 'lte').spending?.add(state.at, { bytes: spent, checks: 0 });
    live(state, 601_500);
    assert.equal(pathOf(state, 'lte').health === 'reliable', soon, `${spent} bytes spent`);
  }
});
