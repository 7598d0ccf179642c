import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../models/decision.ts';
import type { DiagnosisEvent } from '../../../models/event.ts';
import type { Fault, PathMtu } from '../../../models/layer.ts';
import { causeOf, mtuRemark } from '../../../src/core/health/cause.ts';
import { snapshot } from '../../../src/core/report/snapshot.ts';
import { nextDiagnosis } from '../../../src/core/schedule/next-diagnosis.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleState,
  failed,
  late,
  pathOf,
  start,
  warmUp,
} from '../example.ts';

const silent: Fault = { layer: 'target', beyond: false, answered: false };
const arp = 'the gateway 10.10.1.254 does not answer ARP';

/** Lets fibre fail checks that began `from` to `to` ms after the start, one each 100 ms. */
function outage(state: State, from: number, to: number, fault: Fault | 'untold' = silent): Decision[] {
  const decisions: Decision[] = [];
  for (let after = from; after <= to; after += 100) {
    const event = check('fibre/4', after, failed('no answer from 1.1.1.1 within 50 ms'));
    decisions.push(...step(state, fault === 'untold' ? event : { ...event, fault }).decisions);
  }
  return decisions;
}

function gatewayAnswer(after: number, ok: boolean): DiagnosisEvent {
  const gateway = ok ? ({ ok, rttMs: 0.3 } as const) : ({ ok, code: 'no-answer', reason: arp } as const);
  return {
    type: 'diagnosis',
    path: 'fibre/4',
    asked: 'gateway',
    startedAt: start + after,
    at: start + after + 5,
    gateway,
  };
}

function mtuAnswer(after: number, changes: Partial<PathMtu>): DiagnosisEvent {
  const mtu = { target: '1.1.1.1', size: 1500, passes: true, ...changes };
  return {
    type: 'diagnosis',
    path: 'fibre/4',
    asked: 'mtu',
    startedAt: start + after,
    at: start + after + 5,
    mtu,
  };
}

const ready = (): State => warmUp(exampleState());
const layerOf = (state: State) => snapshot(state).paths.find(({ path }) => path === 'fibre/4')?.layer;
const ofHealth = (decisions: readonly Decision[]) => decisions.find(({ kind }) => kind === 'health');
const ofCause = (decisions: readonly Decision[]) => decisions.filter(({ kind }) => kind === 'cause');

test('step() says with the verdict which layer broke, when that is known by then', () => {
  const state = ready();
  outage(state, 6000, 6200);
  step(state, gatewayAnswer(6060, false));
  const verdict = ofHealth(outage(state, 6300, 7000));
  assert.match(verdict?.reason ?? '', new RegExp(`^${arp}; \\d+ checks failed in a row`));
  assert.equal(verdict?.numbers['layer'], 'gateway');
  assert.equal(layerOf(state), 'gateway');
});

test('step() tells a dead line from a dead gateway', () => {
  const state = ready();
  outage(state, 6000, 6200);
  step(state, gatewayAnswer(6060, true));
  const verdict = ofHealth(outage(state, 6300, 7000));
  assert.match(verdict?.reason ?? '', /^the gateway answers, nothing beyond it does; /);
  assert.equal(verdict?.numbers['layer'], 'target');
});

test('step() judges without waiting, and tells the cause once when it is found out later', () => {
  const state = ready();
  const decided = outage(state, 6000, 7000);
  assert.match(ofHealth(decided)?.reason ?? '', /^11 checks failed in a row/);
  assert.deepEqual(ofCause(decided), []);
  const [told, ...more] = step(state, gatewayAnswer(7010, false)).decisions;
  assert.deepEqual(more, []);
  assert.equal(told?.kind, 'cause');
  assert.equal(told?.severity, 'info');
  assert.equal(told?.sentence, 'fibre (IPv4) broke at: gateway');
  assert.equal(told?.reason, arp);
  assert.deepEqual(told?.numbers, { layer: 'gateway' });
  assert.match(
    snapshot(state).paths.find(({ path }) => path === 'fibre/4')?.why ?? '',
    new RegExp(`^${arp}; `),
  );
  assert.deepEqual(step(state, gatewayAnswer(8000, false)).decisions, []);
});

test('step() tells another cause of one outage at most each 10 s', () => {
  const state = ready();
  outage(state, 6000, 7000);
  assert.equal(ofCause(step(state, gatewayAnswer(7010, false)).decisions).length, 1);
  assert.equal(ofCause(step(state, gatewayAnswer(8000, true)).decisions).length, 0);
  assert.equal(ofCause(step(state, gatewayAnswer(18_000, true)).decisions).length, 1);
});

test('step() forgets the cause when something gets through, also late', () => {
  const state = ready();
  outage(state, 6000, 6200);
  step(state, gatewayAnswer(6060, false));
  assert.equal(layerOf(state), 'gateway');
  step(state, late('fibre/4', 6200, 300));
  assert.equal(layerOf(state), undefined);
  outage(state, 6600, 6700);
  assert.equal(layerOf(state), 'target', 'an answer from before the outage tells nothing of it');
  step(state, check('fibre/4', 6800));
  assert.equal(layerOf(state), undefined);
});

test('step() takes no question that could not be asked for an answer', () => {
  const state = ready();
  outage(state, 6000, 7000);
  const gateway = { ok: false, code: 'not-run', reason: 'not permitted' } as const;
  assert.deepEqual(step(state, { ...gatewayAnswer(7010, false), gateway }).decisions, []);
  assert.equal(layerOf(state), 'target');
});

test('step() moves no traffic for what a diagnosis finds', () => {
  const state = ready();
  step(state, gatewayAnswer(6060, false));
  step(state, mtuAnswer(6100, { passes: false }));
  assert.deepEqual(state.active[4], ['fibre']);
  assert.equal(pathOf(state, 'fibre').health, 'reliable');
});

test('step() of events without a fault, as older recordings have them, names no layer', () => {
  const state = ready();
  const verdict = ofHealth(outage(state, 6000, 7000, 'untold'));
  assert.match(verdict?.reason ?? '', /^11 checks failed in a row/);
  assert.equal('layer' in (verdict?.numbers ?? {}), false);
});

test('step() names the layer of an obstacle', () => {
  const state = ready();
  const { links, defaults } = exampleLinks();
  const dark = links.map((link, i) => (i === 0 ? { ...link, carrier: false } : link));
  const [verdict] = step(state, {
    type: 'links',
    at: start + 6500,
    links: { links: dark, defaults },
  }).decisions;
  assert.equal(verdict?.numbers['layer'], 'carrier');
  assert.equal(layerOf(state), 'carrier');
  const bare = links.map((link, i) => (i === 0 ? { ...link, addresses: [] } : link));
  step(state, { type: 'links', at: start + 6600, links: { links: bare, defaults } });
  assert.equal(layerOf(state), 'address');
});

const words: readonly [string, Fault, boolean | undefined, RegExp | undefined][] = [
  ['silence, the gateway not asked', silent, undefined, undefined],
  ['some targets', { ...silent, beyond: true }, false, /too few checks of targets pass/],
  ['unexpected answers', { ...silent, answered: true }, true, /targets answer, but not as expected/],
  [
    'a program that does not end',
    { ...silent, unfinished: true },
    true,
    /a program that checks it does not end in time/,
  ],
  ['DNS', { ...silent, layer: 'dns', beyond: true }, undefined, /packets get through, DNS does not work/],
  ['HTTP', { ...silent, layer: 'http', beyond: true }, undefined, /packets get through, HTTP does not work/],
  [
    'a portal',
    { ...silent, layer: 'http', answered: true, portal: 'http://in.test/' },
    undefined,
    /log in at http:\/\/in\.test\/$/,
  ],
  [
    'an unknown portal',
    { ...silent, layer: 'http', answered: true, portal: '' },
    undefined,
    /^a captive portal is in the way$/,
  ],
  ['full size', { ...silent, layer: 'mtu', beyond: true }, undefined, /those of full size do not/],
  [
    'a gateway that only ARP reaches',
    { ...silent, layer: 'gateway' },
    true,
    /the gateway is there, but fails the check/,
  ],
];

for (const [what, fault, gateway, expected] of words)
  test(`causeOf() finds words for ${what}`, () => {
    const state = ready();
    outage(state, 6000, 6200, fault);
    if (gateway !== undefined) step(state, gatewayAnswer(6060, gateway));
    const cause = causeOf(pathOf(state, 'fibre'));
    assert.equal(cause?.layer, fault.layer);
    if (expected === undefined) assert.equal(cause?.words, undefined);
    else assert.match(cause?.words ?? '', expected);
  });

test('step() tells when packets of full size do not pass, once, and when they pass again', () => {
  const state = ready();
  assert.deepEqual(step(state, mtuAnswer(6000, {})).decisions, []);
  const [vanished] = step(state, mtuAnswer(7000, { passes: false, largest: 1400 })).decisions;
  assert.equal(vanished?.severity, 'warning');
  assert.equal(vanished?.sentence, 'fibre (IPv4) does not pass full-size packets');
  assert.deepEqual(vanished?.numbers, { layer: 'mtu', size: 1500, largest: 1400 });
  assert.deepEqual(step(state, mtuAnswer(8000, { passes: false, largest: 1400 })).decisions, []);
  const remarks = () => snapshot(state).paths.find(({ path }) => path === 'fibre/4')?.remarks;
  assert.deepEqual(remarks(), [vanished?.reason]);
  const [again] = step(state, mtuAnswer(9000, {})).decisions;
  assert.equal(again?.sentence, 'fibre (IPv4) passes full-size packets again');
  assert.deepEqual(remarks(), []);
});

test('step() takes what a router says of its MTU for no harm', () => {
  const [told] = step(ready(), mtuAnswer(7000, { passes: false, largest: 1400, told: 1400 })).decisions;
  assert.equal(told?.severity, 'info');
  assert.match(told?.reason ?? '', /a router on the way says that it takes 1400, so senders adapt/);
});

test('mtuRemark() advises the size that passes', () => {
  const mtu = { target: '1.1.1.1', size: 1500, passes: false } as const;
  assert.match(
    mtuRemark({ ...mtu, largest: 1400 }, 'eth1') ?? '',
    /give eth1 an MTU of 1400, or clamp the MSS$/,
  );
  assert.match(mtuRemark(mtu, 'eth1') ?? '', /give eth1 a lower MTU/);
  assert.equal(mtuRemark({ ...mtu, passes: true }, 'eth1'), undefined);
});

const plan = (state: State) => nextDiagnosis(state, pathOf(state, 'fibre'));

test('nextDiagnosis() asks the gateway as soon as there is doubt, and never while all is well', () => {
  const state = ready();
  assert.equal(plan(state)?.ask, 'mtu');
  outage(state, 6000, 6000);
  assert.deepEqual([plan(state)?.ask, plan(state)?.at], ['gateway', start + 6050]);
  step(state, gatewayAnswer(6060, true));
  assert.equal(plan(state)?.at, start + 7060, 'each second in doubt');
  outage(state, 6100, 7000);
  assert.equal(plan(state)?.at, start + 16_060, 'each 10 s when down');
  step(state, check('fibre/4', 7100));
  assert.equal(plan(state)?.ask, 'mtu');
  outage(state, 8000, 8000);
  assert.equal(plan(state)?.at, start + 8050, 'at once in another outage');
});

test('nextDiagnosis() asks no gateway beyond which something answers, nor where there is none', () => {
  const state = ready();
  outage(state, 6000, 6000, { ...silent, layer: 'dns', beyond: true });
  assert.equal(plan(state), undefined);
  outage(state, 6100, 6100);
  assert.equal(plan(state)?.ask, 'gateway');
  const path = pathOf(state, 'fibre');
  path.binding = path.binding && { ...path.binding, gateway: undefined };
  assert.equal(plan(state), undefined);
});

test('nextDiagnosis() gives the gateway less time than it takes to judge the path', () => {
  const state = ready();
  outage(state, 6000, 6000);
  assert.equal(plan(state)?.timeoutMs, 500);
  const fast = warmUp(exampleState(exampleConfig({ minOutageMs: 300 })));
  outage(fast, 6000, 6000);
  assert.equal(plan(fast)?.timeoutMs, 150);
});

test('nextDiagnosis() measures what size passes a while after the path was bound, then each 5 min, each minute while none does', () => {
  const state = ready();
  const first = plan(state)?.at ?? 0;
  assert.ok(first >= start + 2000 && first <= start + 3000, String(first - start));
  step(state, mtuAnswer(3000, {}));
  assert.equal(plan(state)?.at, start + 303_000);
  step(state, mtuAnswer(303_000, { passes: false }));
  assert.equal(plan(state)?.at, start + 363_000);
});

test('nextDiagnosis() asks nothing of a path with an obstacle, nor while the operator wants no packets', () => {
  const state = ready();
  step(state, { type: 'links', at: start + 6500, links: { links: [], defaults: [] } });
  assert.equal(plan(state), undefined);
  const quiet = warmUp(exampleState(exampleConfig({ probeWhileSticky: false })));
  step(quiet, { type: 'sticky', at: start + 6500, sticky: { id: 'lte', until: undefined } });
  assert.equal(plan(quiet), undefined);
});

test('nextDiagnosis() asks anew what is bound anew', () => {
  const state = ready();
  step(state, mtuAnswer(3000, { passes: false }));
  const { links, defaults } = exampleLinks();
  const renamed = links.map((link, i) => (i === 0 ? { ...link, index: 99 } : link));
  step(state, { type: 'links', at: start + 6500, links: { links: renamed, defaults } });
  assert.ok((plan(state)?.at ?? 0) < start + 10_000);
  assert.deepEqual(snapshot(state).paths.find(({ path }) => path === 'fibre/4')?.remarks, []);
});
