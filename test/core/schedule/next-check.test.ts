import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextCheck } from '../../../src/core/schedule/next-check.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  auto,
  check,
  exampleConfig,
  exampleLink,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  passed,
  pathOf,
  start,
} from '../example.ts';

/** When the next check of `fibre` starts, ms after the start, and whether it is a burst. */
function next(state: State, id = 'fibre'): { after: number; burst: boolean } {
  const plan = nextCheck(state, pathOf(state, id));
  assert.ok(plan !== undefined, `${id} is not to be checked`);
  return { after: plan.at - start, burst: plan.burst };
}

test('nextCheck() spreads regular starts over 0.9..1.1 intervals, in a pattern without a short period', () => {
  const state = exampleState();
  const gaps: number[] = [];
  for (let i = 0, at = 0; i < 300; i += 1) {
    step(state, check('fibre/4', at));
    const { after, burst } = next(state);
    assert.equal(burst, false);
    gaps.push(after - at);
    at = after;
  }
  assert.ok(Math.min(...gaps) >= 900 && Math.max(...gaps) <= 1100);
  assert.ok(Math.min(...gaps) < 905 && Math.max(...gaps) > 1095, 'the whole range is used');
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
  assert.ok(Math.abs(mean - 1000) < 5, `the mean gap is ${mean}`);
  for (let period = 1; period < 8; period += 1) {
    assert.ok(gaps.slice(period).some((gap, i) => Math.abs(gap - (gaps[i] ?? 0)) > 5));
  }
});

for (const stride of [8, 13, 20, 21, 34, 55, 89]) {
  test(`nextCheck() spreads starts as evenly when ${stride} checks pass between those that count`, () => {
    const state = exampleState();
    step(state, check('fibre/4', 0));
    const gaps = Array.from({ length: 200 }, (_, i) => {
      pathOf(state, 'fibre').checks = 1 + i * stride;
      return next(state).after;
    });
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const from = 900 + tenth * 20;
      const count = gaps.filter((gap) => gap >= from && gap < from + 20).length;
      assert.ok(count >= 8 && count <= 36, `${count} of 200 from ${from} to ${from + 20} ms`); // 20, and four deviations
    }
    const repeated = gaps.slice(1).filter((gap, i) => Math.abs(gap - (gaps[i] ?? 0)) < 10).length;
    assert.ok(repeated < 40, `${repeated} of 199 within 10 ms of the one before`); // 19.4 by chance
  });
}

test('nextCheck() spreads the starts of no two providers alike', () => {
  const state = exampleState();
  const gaps = (id: string): number[] =>
    Array.from({ length: 50 }, (_, i) => {
      step(state, check(`${id}/4`, 0));
      pathOf(state, id).checks = i;
      return next(state, id).after;
    });
  const [fibre, lte] = [gaps('fibre'), gaps('lte')];
  assert.ok(fibre.filter((gap, i) => Math.abs(gap - (lte[i] ?? 0)) < 10).length < 25);
});

test('nextCheck() never starts a check before the last one has ended', () => {
  const state = exampleState();
  step(state, check('fibre/4', 0, passed(), 2500));
  assert.equal(next(state).after, 2500);
  step(state, check('fibre/4', 3000, failed(), 800));
  assert.equal(next(state).after, 3800);
});

test('nextCheck() asks all targets every confirmInterval in doubt', () => {
  const state = exampleState();
  step(state, check('fibre/4', 0));
  step(state, check('fibre/4', 1000, failed(), 20));
  assert.deepEqual(next(state), { after: 1050, burst: true });
  step(state, check('fibre/4', 1050, passed(), 20));
  assert.equal(next(state).burst, false);
});

for (const tookMs of [1, 17, 50, 65, 100, 130]) {
  test(`nextCheck() has one check start exactly where minOutage ends, with checks of ${tookMs} ms`, () => {
    const config = exampleConfig({ confirmIntervalMs: 70 });
    const state = exampleState(config);
    step(state, check('fibre/4', 0));
    const starts = [1000];
    for (let i = 0; i < 40; i += 1) {
      step(state, check('fibre/4', starts.at(-1) ?? 0, failed(), tookMs));
      if (pathOf(state, 'fibre').liveness === 'down') break;
      starts.push(next(state).after);
    }
    assert.equal(starts.at(-1), 2000, 'the check that brings the verdict');
    assert.ok(starts.length > 5);
  });
}

test('nextCheck() confirms no more slowly than it checks', () => {
  const state = exampleState(exampleConfig({ checkIntervalMs: 20, minOutageMs: 60 }));
  step(state, check('fibre/4', 0, failed(), 5));
  assert.equal(next(state).after, 20);
});

test('nextCheck() returns to the steady pace once a path is down, while another is up', () => {
  const state = exampleState();
  step(state, check('lte/4', 0));
  for (let at = 0; at <= 1000; at += 50) step(state, check('fibre/4', at, failed(), 10));
  assert.equal(pathOf(state, 'fibre').liveness, 'down');
  const { after, burst } = next(state);
  assert.ok(after >= 1900 && after <= 2100 && !burst, `starts at ${after}`);
});

test('nextCheck() checks five times as often when all are down, and after a short outage', () => {
  const state = exampleState();
  for (const id of ['fibre', 'lte', 'dsl'] as const) {
    for (let at = 0; at <= 1000; at += 50) step(state, check(`${id}/4`, at, failed(), 10));
  }
  assert.equal(state.allDown[4], true);
  assert.ok(next(state).after >= 1180 && next(state).after <= 1220);
  step(state, check('fibre/4', 1200, passed(), 10));
  assert.equal(state.allDown[4], false);
  assert.ok(next(state).after >= 2100, 'steady again: no vigil for what was down');
  step(state, check('fibre/4', 2200, failed(), 10));
  step(state, check('fibre/4', 2250, passed(), 10));
  assert.ok(next(state).after >= 2430 && next(state).after <= 2470, 'a vigil');
  step(state, check('fibre/4', 7300, passed(), 10));
  assert.ok(next(state).after >= 8200, 'which ends');
});

test('nextCheck() has nothing to do for a path without binding, or with an obstacle', () => {
  const links = { ...exampleLinks(), links: [exampleLink(0, { carrier: false }), exampleLink(1)] };
  const state = exampleState(exampleConfig(), links);
  assert.equal(nextCheck(state, pathOf(state, 'fibre')), undefined);
  assert.notEqual(nextCheck(state, pathOf(state, 'lte')), undefined);
  assert.equal(nextCheck(state, pathOf(state, 'dsl')), undefined);
});

test('nextCheck() rests while pinned with probeWhileSticky false, but not for a pin that is ignored', () => {
  const state = exampleState(exampleConfig({ probeWhileSticky: false }));
  step(state, { type: 'sticky', at: start, sticky: { id: 'nobody', until: undefined } });
  assert.notEqual(nextCheck(state, pathOf(state, 'fibre')), undefined);
  step(state, { type: 'sticky', at: start, sticky: { id: 'lte', until: start + 5000 } });
  assert.equal(nextCheck(state, pathOf(state, 'fibre')), undefined);
  step(state, { type: 'tick', at: start + 5000 });
  assert.notEqual(nextCheck(state, pathOf(state, 'fibre')), undefined);
});

test('nextCheck() goes on in a family that the pinned provider does not have', () => {
  const both = exampleProvider(0, { addressing: { 4: auto, 6: auto } });
  const config = exampleConfig({ probeWhileSticky: false, providers: [both, exampleProvider(1)] });
  const state = exampleState(config);
  step(state, { type: 'sticky', at: start, sticky: { id: 'lte', until: undefined } });
  assert.equal(nextCheck(state, pathOf(state, 'fibre')), undefined);
  assert.notEqual(nextCheck(state, pathOf(state, 'fibre', 6)), undefined);
});

test('nextCheck() names the first start once: events elsewhere do not put it off', () => {
  const config = exampleConfig({ providers: Array.from({ length: 20 }, (_, i) => exampleProvider(i)) });
  const state = exampleState(config);
  const first = config.providers.map(({ id }) => next(state, id).after);
  assert.ok(Math.max(...first) <= 250 && new Set(first).size > 15, `spread over ${first.join(' ')}`);
  step(state, check('fibre/4', 0, passed(), 100));
  assert.deepEqual(
    config.providers.slice(1).map(({ id }) => next(state, id).after),
    first.slice(1),
  );
});

test('nextCheck() checks at once what can be checked again', () => {
  const state = exampleState();
  step(state, check('fibre/4', 0));
  const dark = {
    ...exampleLinks(),
    links: [exampleLink(0, { carrier: false }), exampleLink(1), exampleLink(2)],
  };
  step(state, { type: 'links', at: start + 300, links: dark });
  step(state, { type: 'links', at: start + 400, links: exampleLinks() });
  assert.equal(next(state).after, 400);
});

test('nextCheck() lets steady checks begin early with others, and never those that measure an outage', () => {
  const state = exampleState();
  const slackMs = (): number => nextCheck(state, pathOf(state, 'fibre'))?.slackMs ?? 0;
  assert.equal(slackMs(), 0, 'the first check');
  step(state, check('fibre/4', 0));
  assert.equal(slackMs(), 20, 'of an interval of 1 s');
  step(state, check('fibre/4', 1000, failed()));
  assert.equal(slackMs(), 0, 'in doubt');
  step(state, check('fibre/4', 1100));
  assert.equal(slackMs(), 0, 'while it is watched closely');
});
