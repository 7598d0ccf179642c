import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../models/decision.ts';
import { nextCheck } from '../../../src/core/schedule/next-check.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  passed,
  pathOf,
  start,
  warmUp,
} from '../example.ts';
import { chanceFrom } from '../simulate.ts';

type Answers = Readonly<Record<string, boolean>>;

/** One round over a provider's IPv4 path in which these targets did or did not answer. */
function round(state: State, id: string, after: number, answers: Answers): readonly Decision[] {
  const targets = Object.entries(answers).map(([target, answers]) => ({
    target,
    result: answers ? passed() : failed(),
  }));
  const required = state.config.requiredSuccessful === 'all' ? targets.length : 1;
  const isPassed = targets.filter(({ result }) => result.ok).length >= required;
  return step(state, { ...check(`${id}/4`, after, isPassed ? passed() : failed()), targets }).decisions;
}

function kinds(decisions: readonly Decision[]): string[] {
  return decisions.filter(({ kind }) => kind === 'target').map(({ sentence }) => sentence);
}

function dead(state: State): string[] {
  return [...state.deadTargets[4]];
}

test('noteTargets() sets aside a target that fails three times through every provider while others pass', () => {
  const state = exampleState();
  for (let i = 0; i < 3; i += 1) {
    for (const id of ['fibre', 'lte', 'dsl']) {
      const isLast = i === 2 && id === 'dsl';
      const said = kinds(round(state, id, i * 1000, { bad: false, good: true }));
      assert.deepEqual(said, isLast ? ['target "bad" is dead and set aside'] : []);
    }
  }
  assert.deepEqual(dead(state), ['bad']);
  assert.deepEqual(nextCheck(state, pathOf(state, 'fibre'))?.setAside, new Set(['bad']));
  assert.equal(state.deadTargets[6].size, 0, 'the other family is asked for itself');
});

test('noteTargets() takes a target back when it answers through anyone', () => {
  const state = exampleState();
  for (let i = 0; i < 3; i += 1)
    for (const id of ['fibre', 'lte']) round(state, id, i * 1000, { bad: false, good: true });
  assert.deepEqual(dead(state), ['bad']);
  const said = [3000, 4000, 5000].flatMap((after) => {
    round(state, 'fibre', after, { bad: false, good: true }); // through which it has never answered
    return kinds(round(state, 'dsl', after, { bad: true, good: true }));
  });
  assert.deepEqual(said, ['target "bad" answers again']);
  assert.deepEqual(dead(state), []);
});

/** Ten hours in which a target answers as `answers` says; while dead it is tried every 10 s. What was said of it. */
function life(answers: (ms: number) => boolean, hours = 10): { said: string[]; deadRatio: number } {
  const state = exampleState();
  const said: string[] = [];
  let deadMs = 0;
  for (let ms = 0; ms < hours * 3_600_000; ms += 1000) {
    for (const id of ['fibre', 'lte']) {
      const isDead = state.deadTargets[4].has('bad');
      if (isDead && id === 'lte') deadMs += 1000;
      const isAsked = !isDead || ms % 10_000 === 0;
      said.push(...kinds(round(state, id, ms, { good: true, ...(isAsked && { bad: answers(ms) }) })));
    }
  }
  return { said, deadRatio: deadMs / (hours * 3_600_000) };
}

test('noteTargets() says once that a target answers only now and then, and asks it ever less often', () => {
  const chance = chanceFrom(3);
  const limited = life(() => chance() < 1 / 3);
  assert.deepEqual(limited.said, [
    'target "bad" is dead and set aside',
    'target "bad" answers again',
    'target "bad" answers only now and then, and is set aside until it answers steadily',
  ]);
  assert.ok(limited.deadRatio > 0.9, `${limited.deadRatio} of the time`);
  let tokens = 5; // one is added every 4 s
  let seen = 0;
  const bucket = life((ms) => {
    tokens = Math.min(5, tokens + (ms - seen) / 4000);
    seen = ms;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  });
  assert.deepEqual(bucket.said, limited.said);
  assert.ok(bucket.deadRatio > 0.8, `${bucket.deadRatio} of the time`);
});

test('noteTargets() says that a target answers again once it has done so for ten minutes', () => {
  const chance = chanceFrom(3);
  const { said, deadRatio } = life((ms) => ms > 3_600_000 || chance() < 1 / 3);
  assert.equal(said.length, 4);
  assert.equal(said.at(-1), 'target "bad" answers again');
  assert.ok(deadRatio < 0.15, `${deadRatio} of the time`);
});

test('noteTargets() takes two outages of a target that are far apart for two', () => {
  const { said } = life((ms) => ms % 3_600_000 > 60_000, 2);
  assert.deepEqual(said, [
    'target "bad" is dead and set aside',
    'target "bad" answers again',
    'target "bad" is dead and set aside',
    'target "bad" answers again',
  ]);
});

test('noteTargets() keeps a target that one working provider reaches', () => {
  const state = exampleState();
  for (let i = 0; i < 10; i += 1) {
    round(state, 'dsl', i * 1000, { far: true });
    for (const id of ['fibre', 'lte']) round(state, id, i * 1000, { far: false, good: true });
  }
  assert.deepEqual(dead(state), []);
});

test('noteTargets() asks nothing of a provider that cannot be checked, or is disabled', () => {
  const cut = warmUp(exampleState());
  round(cut, 'dsl', 6000, { bad: true, good: true });
  const devices = exampleLinks();
  const links = devices.links.map((link) => ({ ...link, carrier: link.name !== 'eth3' }));
  step(cut, { type: 'links', at: start + 6100, links: { ...devices, links } });
  const disabled = warmUp(exampleState());
  round(disabled, 'dsl', 6000, { bad: true, good: true });
  const providers = disabled.config.providers.map((one) => ({ ...one, enabled: one.id !== 'dsl' }));
  step(disabled, { type: 'config', at: start + 6100, config: { ...disabled.config, providers } });
  for (const state of [cut, disabled]) {
    for (let i = 0; i < 3; i += 1)
      for (const id of ['fibre', 'lte']) round(state, id, 7000 + i * 1000, { bad: false, good: true });
    assert.deepEqual(dead(state), ['bad']);
  }
});

test('noteTargets() never blames a target on the word of one provider', () => {
  const state = exampleState(exampleConfig({ providers: [exampleProvider(0)] }));
  for (let i = 0; i < 10; i += 1) round(state, 'fibre', i * 1000, { bad: false, good: true });
  assert.deepEqual(dead(state), []);
});

test('noteTargets() blames no target when nothing at all gets through', () => {
  const state = exampleState();
  for (let i = 0; i < 10; i += 1) {
    for (const id of ['fibre', 'lte', 'dsl']) round(state, id, i * 1000, { a: false, b: false });
  }
  assert.deepEqual(dead(state), []);
  for (const id of ['fibre', 'lte', 'dsl']) round(state, id, 20_000, { a: true });
  round(state, 'fibre', 21_000, { a: true, b: false });
  assert.deepEqual(dead(state), [], 'nor later for what it did not answer then');
});

test("noteTargets() finds a dead target that fails every provider's checks, as with requiredSuccessful 'all'", () => {
  const state = exampleState(exampleConfig({ requiredSuccessful: 'all' }));
  for (const id of ['fibre', 'lte', 'dsl']) round(state, id, 0, { bad: true, good: true });
  for (let i = 0; i < 3; i += 1) {
    for (const id of ['fibre', 'lte', 'dsl']) round(state, id, 1000 + i * 50, { bad: false, good: true });
  }
  assert.deepEqual(dead(state), ['bad']);
  for (const id of ['fibre', 'lte', 'dsl'])
    assert.equal(pathOf(state, id).liveness, 'doubt', 'none was judged');
});

test('noteTargets() learns nothing from what could not be asked', () => {
  const state = exampleState();
  for (let i = 0; i < 5; i += 1) {
    for (const id of ['fibre', 'lte', 'dsl']) {
      const bad = { target: 'bad', result: { ok: false, code: 'not-run', reason: 'threw' } as const };
      const good = { target: 'good', result: passed() };
      step(state, { ...check(`${id}/4`, i * 1000), targets: [bad, good] });
    }
  }
  assert.deepEqual(dead(state), []);
});

test('suspect() has the others asked at once when the active one falls into doubt while something passes', () => {
  const state = warmUp(exampleState(exampleConfig({ requiredSuccessful: 'all' })));
  const planOf = (id: string) => nextCheck(state, pathOf(state, id));
  round(state, 'lte', 6000, { bad: false, good: true });
  assert.equal(planOf('dsl')?.burst, false, 'not for a standby');
  round(state, 'lte', 6050, { bad: true, good: true });
  round(state, 'fibre', 7000, { bad: false, good: true });
  for (const id of ['lte', 'dsl']) {
    assert.equal(planOf(id)?.burst, true, id);
    assert.ok((planOf(id)?.at ?? Infinity) <= state.at, id);
  }
  round(state, 'lte', 7060, { bad: true, good: true });
  assert.equal(planOf('lte')?.burst, false, 'once');
});

test('suspect() asks nobody when nothing passes: it is the line', () => {
  const state = warmUp(exampleState(exampleConfig({ requiredSuccessful: 'all' })));
  round(state, 'fibre', 7000, { bad: false, good: false });
  assert.equal(nextCheck(state, pathOf(state, 'lte'))?.burst, false);
});
