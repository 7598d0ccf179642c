import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { Decision, Evidence } from '../../../models/decision.ts';
import type { Event } from '../../../models/event.ts';
import { stopDecision } from '../../../src/core/report/decisions.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { check, exampleConfig, exampleState, failed, passed, pathOf, start, warmUp } from '../example.ts';

/** Decisions of some kind that events come to. */
function decided(state: State, kind: Decision['kind'], events: readonly Event[]): readonly Decision[] {
  return events.flatMap((event) => step(state, event).decisions).filter((decision) => decision.kind === kind);
}

function ready(config: Partial<Config> = {}): State {
  return warmUp(exampleState(exampleConfig(config)));
}

const silence = Array.from({ length: 21 }, (_, i) => check('fibre/4', 6000 + i * 50, failed(), 10));
const silent: readonly Evidence[] = [
  { name: 'consecutiveFailed', value: 21, unit: 'checks', limit: 2, sense: 'above', crossed: true },
  { name: 'outage', value: 1000, unit: 'ms', limit: 1000, sense: 'above', crossed: true },
];

test('the verdict on a dead path has its failures and its outage for evidence', () => {
  assert.deepEqual(decided(ready(), 'health', silence)[0]?.evidence, silent);
});

test('a failover has the figures of the provider that it leaves', () => {
  const [failover] = decided(ready(), 'switch', silence);
  assert.equal(failover?.provider, 'lte');
  assert.deepEqual(
    failover?.evidence,
    silent.map((each) => ({ ...each, provider: 'fibre' })),
  );
});

test('a failback has the time for which the preferred one has been reliable', () => {
  const state = ready();
  for (const event of silence) step(state, event);
  const back = Array.from({ length: 60 }, (_, i) => check('fibre/4', 8000 + i * 1000));
  const [failback] = decided(
    state,
    'switch',
    back.flatMap((event) => [event, { type: 'tick', at: event.at }]),
  );
  const [only, ...more] = failback?.evidence ?? [];
  assert.deepEqual(more, []);
  const { name, unit, limit, sense, crossed } = only ?? {};
  assert.deepEqual(
    { name, unit, limit, sense, crossed },
    {
      ...{ name: 'reliableFor', unit: 'ms', limit: 10_000, sense: 'below', crossed: false },
    },
  );
  assert.ok(Number(only?.value) >= 10_000);
});

test('a verdict on the window has the figure that is over its limit, and its unit', () => {
  const slow = Array.from({ length: 60 }, (_, i) => check('fibre/4', 6000 + i * 1000, passed(900)));
  const [rtt] = decided(ready({ rtt: { down: 400, up: 200 } }), 'health', slow);
  const [{ value, ...over } = {}] = rtt?.evidence ?? [];
  assert.deepEqual(over, { name: 'rtt', unit: 'ms', limit: 400, sense: 'above', crossed: true });
  assert.ok(Number(value) > 400);
  const lossy = Array.from({ length: 60 }, (_, i) =>
    check('fibre/4', 6000 + i * 1000, i % 2 === 0 ? failed() : passed()),
  );
  const [loss] = decided(ready({ loss: { down: 0.2, up: 0.1 } }), 'health', lossy);
  assert.deepEqual([loss?.evidence[0]?.name, loss?.evidence[0]?.unit], ['loss', 'ratio']);
  const [failures] = decided(ready({ maxFailedChecks: 3 }), 'health', lossy);
  const { name, value: failedChecks, crossed } = failures?.evidence[0] ?? {};
  assert.deepEqual([name, failedChecks, crossed], ['failedInWindow', 4, true]);
});

test('a verdict that gives trust has the checks that passed, which are enough', () => {
  const passes = Array.from({ length: 5 }, (_, i) => check('fibre/4', i * 1000));
  const [up] = decided(exampleState(), 'health', passes);
  assert.deepEqual(up?.evidence, [
    { name: 'consecutiveSucceeded', value: 5, unit: 'checks', limit: 4, sense: 'below', crossed: false },
  ]);
});

test('flaps have their penalty, packets of full size their size, an obstacle none', () => {
  const state = ready();
  const path = pathOf(state, 'fibre');
  path.penalty = 2.5;
  path.penaltyAt = start + 6000;
  const [flaps] = decided(state, 'health', [check('fibre/4', 6000)]);
  assert.deepEqual(flaps?.evidence[0], {
    ...{ name: 'penalty', value: flaps?.evidence[0]?.value, unit: 'points', limit: 1.8 },
    ...{ sense: 'above', crossed: true },
  });
  const mtu = { target: '1.1.1.1', size: 1500, passes: false, largest: 1400 };
  const asked = {
    type: 'diagnosis',
    asked: 'mtu',
    path: 'lte/4',
    startedAt: start,
    at: start + 7000,
    mtu,
  } as const;
  const [vanish] = decided(state, 'cause', [asked]);
  assert.deepEqual(vanish?.evidence, [
    { name: 'packetSize', value: 1400, unit: 'bytes', limit: 1500, sense: 'below', crossed: true },
  ]);
  const gone = { type: 'links', at: start + 8000, links: { links: [], defaults: [] } } as const;
  assert.deepEqual(decided(state, 'health', [gone])[0]?.evidence, []);
});

test('stopDecision() never says that routes were removed when some are left', () => {
  const reason = (left: string | undefined): string =>
    stopDecision(start, 'it got SIGTERM', { onStop: 'remove', left }).reason;
  assert.equal(reason(undefined), 'it got SIGTERM; routes removed');
  assert.match(
    reason('3 routes'),
    /^it got SIGTERM; not everything could be removed: 3 routes; remove it by/,
  );
  assert.doesNotMatch(reason('3 routes'), /routes removed/);
});
