import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { test } from 'node:test';
import type { DiagnosisEvent, Event, KernelNote } from '../../models/event.ts';
import type { Effects } from '../../src/core/effects.ts';
import { memoryOf } from '../../src/core/state/memory-of.ts';
import { initial, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  late,
  passed,
  start,
  warmUp,
} from './example.ts';

/** fibre, lte and dsl, all of them reliable; fibre carries the traffic. */
function ready(config = exampleConfig()): State {
  return warmUp(exampleState(config));
}

/** The same, with connections marked, so that traffic can be somewhere else than the choice. */
function marked(): State {
  const onFailback = { kind: 'hard' } as const;
  const providers = [0, 1, 2].map((index) => exampleProvider(index, { onFailback }));
  return ready(exampleConfig({ connectionMarks: true, providers }));
}

const own = ['fibre/4'] as const;
const quiet: Effects = { routes: 'none', checks: own, departures: [] };
const nothing: Effects = { routes: 'none', checks: 'none', departures: [] };
const all: Effects = { routes: 'now', checks: 'all', departures: [] };
const fails = check('fibre/4', 6000, failed());
const pin = (id: string | undefined): Event => ({
  type: 'sticky',
  at: start + 6000,
  sticky: id === undefined ? undefined : { id, until: undefined },
});
const note: KernelNote = { kind: 'changed', message: '2 changes', commands: [] };
const gatewayAnswer: DiagnosisEvent = {
  ...{ type: 'diagnosis', at: start + 7100, startedAt: start + 7000, path: 'fibre/4', asked: 'gateway' },
  gateway: failed('no answer to ARP'),
};

/** Fails checks of fibre until it is one check before its verdict. */
function dying(state: State): State {
  for (let at = 6000; at < 7000; at += 50) step(state, check('fibre/4', at, failed(), 10));
  return state;
}

const last = check('fibre/4', 7000, failed(), 10);

/** These are down. */
function down(state: State, ...ids: readonly string[]): State {
  for (const id of ids)
    for (let at = 6000; at <= 7000; at += 50) step(state, check(`${id}/4`, at, failed(), 10));
  return state;
}

/** All three are down. */
function dead(state: State): State {
  return down(state, 'fibre', 'lte', 'dsl');
}

const table: readonly (readonly [what: string, state: () => State, event: Event, effects: Effects])[] = [
  ['a check that passes', ready, check('fibre/4', 6000), quiet],
  ['a check that fails, of one that is active: doubt', ready, fails, quiet],
  ['a check of a path that nobody has', ready, check('cable/4', 6000), nothing],
  ['a check of a family that is not there', ready, check('fibre/6', 6000), nothing],
  ['a late answer', ready, late('fibre/4', 5000, 80), quiet],
  ['an answer of the gateway', ready, gatewayAnswer, quiet],
  ['an answer of the gateway that is the cause', () => after(dying(ready()), last), gatewayAnswer, quiet],
  ['doubt, where new connections can leave at once', marked, fails, { ...quiet, routes: 'now' }],
  [
    'the end of that doubt by a late answer',
    () => after(marked(), fails),
    late('fibre/4', 6000, 300),
    { ...quiet, routes: 'now' },
  ],
  ['the verdict on the active one', () => dying(ready()), last, { ...quiet, routes: 'now' }],
  [
    'the same, when its new connections have left before: its old ones follow',
    () => dying(marked()),
    last,
    { ...quiet, routes: 'soon', departures: [departure('failed', 7010)] },
  ],
  [
    'the same, where a standby is checked as seldom as its budget asks for',
    () => dying(ready(exampleConfig({ providers: [exampleProvider(0), thrifty()] }))),
    last,
    { ...quiet, routes: 'now', checks: 'all' },
  ],
  ['a verdict on a standby', () => almostUp(), check('fibre/4', 5000), { ...quiet, routes: 'soon' }],
  [
    'a check of a standby that passes after it was down: its route is no longer the last',
    () => down(ready(), 'lte'),
    check('lte/4', 8000),
    { ...quiet, checks: ['lte/4'], routes: 'soon' },
  ],
  [
    'the first check that passes after all were down',
    () => dead(ready()),
    check('fibre/4', 8000),
    { ...quiet, routes: 'now', checks: 'all' },
  ],
  [
    'doubt while a target answers: the others try the one that does not',
    ready,
    {
      ...fails,
      targets: [
        { target: 'a', result: passed() },
        { target: 'b', result: failed() },
      ],
    },
    { ...quiet, checks: 'all' },
  ],
  ['an idle tick', ready, { type: 'tick', at: start + 6000 }, nothing],
  [
    'a tick that ends a pin',
    () => after(ready(), { type: 'sticky', at: start + 6000, sticky: { id: 'lte', until: start + 7000 } }),
    { type: 'tick', at: start + 7000 },
    { ...nothing, checks: 'all' }, // back to fibre only once it was preferred for long enough
  ],
  ['a pin', ready, pin('lte'), all],
  ['a pin that is there already', () => after(ready(), pin('lte')), pin('lte'), nothing],
  ['a pin to an id that nobody has', ready, pin('cable'), nothing],
  ['a pin that cannot be read', ready, { type: 'sticky', at: start + 6000, problem: 'is empty' }, nothing],
  ['a reading of the devices', ready, { type: 'links', at: start + 6000, links: exampleLinks() }, all],
  ['a reload', ready, { type: 'config', at: start + 6000, config: exampleConfig() }, all],
  [
    'a reload that disables the active one',
    marked,
    { type: 'config', at: start + 6000, config: without() },
    left(),
  ],
  ['a note of the kernel', ready, { type: 'kernel', at: start + 6000, note }, nothing],
];

function departure(why: 'failed' | 'failback', after: number) {
  return { id: 'fibre', family: 4, why, dueAt: start + after } as const;
}

function left(): Effects {
  return { ...all, departures: [departure('failback', 6000)] };
}

function after(state: State, event: Event): State {
  step(state, event);
  return state;
}

function thrifty() {
  return exampleProvider(1, { probeBudget: 1e6 });
}

function without() {
  const { config } = marked();
  return {
    ...config,
    providers: config.providers.map((each) => ({ ...each, enabled: each.id !== 'fibre' })),
  };
}

/** lte carries the traffic, and fibre needs one more check that passes. */
function almostUp(): State {
  const state = exampleState();
  for (let at = 0; at < 500; at += 50) step(state, check('fibre/4', at, failed(), 10));
  for (let at = 0; at < 5000; at += 1000) step(state, check('lte/4', at));
  for (let at = 1000; at < 5000; at += 1000) step(state, check('fibre/4', at));
  return state;
}

for (const [what, state, event, effects] of table)
  test(`step() says what must follow ${what}`, () => assert.deepEqual(step(state(), event).effects, effects));

test('step() of a result that changes nothing leads to one constant of its path', () => {
  const state = ready();
  const first = step(state, check('fibre/4', 6000));
  assert.equal(step(state, check('fibre/4', 7000)), first);
  const other = step(state, check('lte/4', 7000));
  assert.deepEqual(other, { ...first, effects: { ...first.effects, checks: ['lte/4'] } });
  assert.ok(
    Object.isFrozen(first) && Object.isFrozen(first.effects) && Object.isFrozen(first.effects.checks),
  );
});

test('step() moves routes at once when the active one of an earlier run dies', () => {
  const earlier = ready();
  const state = initial(earlier.config, start + 6000, memoryOf(earlier));
  step(state, { type: 'links', at: start + 6000, links: exampleLinks() });
  assert.equal(step(dying(state), last).effects.routes, 'now');
});

test('step() reports no departure from what an earlier run left', () => {
  const earlier = marked();
  const state = initial(earlier.config, start + 6000, memoryOf(earlier));
  const dark = exampleLinks().links.map((link, i) => (i === 0 ? { ...link, carrier: false } : link));
  const links = { ...exampleLinks(), links: dark };
  const { decisions, effects } = step(state, { type: 'links', at: start + 6000, links });
  assert.ok(decisions.some(({ kind }) => kind === 'switch'));
  assert.deepEqual(effects.departures, []);
});

/** How often functions of the core are entered while something runs, as V8 itself counts. */
async function countCalls(run: () => void): Promise<(name: string) => number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await session.post('Profiler.takePreciseCoverage'); // counts from here on
    run();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const functions = result
      .filter(({ url }) => url.startsWith('file:')) // sources, or what test/run compiled of them
      .flatMap((file) => file.functions);
    return (name) => functions.find(({ functionName }) => functionName === name)?.ranges[0]?.count ?? 0;
  } finally {
    session.disconnect();
  }
}

test('step() looks for the cause of a failing check once, and decays a penalty once in a judgement', async () => {
  const fault = { layer: 'target', beyond: false, answered: false } as const;
  const state = dying(ready());
  const verdict = await countCalls(() => step(state, { ...last, fault }));
  assert.deepEqual([verdict('causeOf'), verdict('judge')], [1, 1], 'the one that brings the verdict');
  const later = await countCalls(() => step(state, { ...check('fibre/4', 8000, failed()), fault }));
  assert.deepEqual([later('causeOf'), later('judge')], [1, 1], 'one more of the same outage');
  const answer = await countCalls(() => step(state, { ...gatewayAnswer, at: start + 8100 }));
  assert.equal(answer('causeOf'), 1, 'an answer of the gateway');
  const recovering = await countCalls(() => {
    for (let at = 9000; at < 14_000; at += 1000) step(state, check('fibre/4', at));
  });
  assert.ok(
    recovering('decayed') <= recovering('judge'),
    `${recovering('decayed')} in ${recovering('judge')}`,
  );
});
