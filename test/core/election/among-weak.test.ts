import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { leastLossy, losesNoMore, rivalOf, whyLessLossy } from '../../../src/core/election/among-weak.ts';
import { elect } from '../../../src/core/election/election.ts';
import type { Candidate } from '../../../src/core/election/rank.ts';
import { justBecause } from '../../../src/core/state/why.ts';
import { exampleConfig, exampleProvider, start } from '../example.ts';
import { chanceFrom, type Line, simulate } from '../simulate.ts';

const now = start + 60_000;

function weak(id: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    ...{ id, tier: 'abc'.indexOf(id), health: 'unreliable', liveness: 'up', obstructed: false },
    ...{ since: start, recentlyChecked: true, why: justBecause('loss is 40 %') },
    ...changes,
  };
}

const three = ['a', 'b', 'c'].map((id) => weak(id));
const losses =
  (known: Readonly<Record<string, number>>) =>
  (id: string): number | undefined =>
    known[id];

test('leastLossy() goes by what was lost, to a tenth, then by tier and list', () => {
  const best = (known: Readonly<Record<string, number>>): string | undefined =>
    leastLossy(three, losses(known))?.id;
  assert.equal(best({ a: 0.6, b: 0.2, c: 0.01 }), 'c');
  assert.equal(best({ a: 0.12, b: 0.08, c: 0.1 }), 'a');
  assert.equal(best({}), 'a');
  assert.equal(best({ a: 0.9 }), 'b', 'one of which nothing is known, before one that loses most');
  assert.equal(leastLossy([weak('a', { liveness: 'down' })], losses({ a: 0 })), undefined);
});

test('rivalOf() is one that passes and loses clearly less, and more clearly so after each failover', () => {
  const rival = (
    known: Readonly<Record<string, number>>,
    other: Partial<Candidate> = {},
  ): string | undefined => rivalOf(weak('a'), [weak('a'), weak('b', other)], losses(known), now)?.id;
  assert.equal(rival({ a: 0.6, b: 0.2 }), 'b');
  assert.equal(rival({ a: 0.6, b: 0.25 }), undefined);
  assert.equal(rival({ a: 0.6 }), undefined, 'of which something is known');
  assert.equal(rival({ b: 0 }), undefined);
  assert.equal(rival({ a: 0.6, b: 0 }, { liveness: 'doubt' }), undefined);
  assert.equal(rival({ a: 0.6, b: 0 }, { recentlyChecked: false }), undefined);
  const failovers = [now - 2000, now - 1000];
  assert.equal(rival({ a: 0.75, b: 0 }, { failovers }), undefined);
  assert.equal(rival({ a: 0.8, b: 0 }, { failovers }), 'b');
});

test('elect() leaves a weak provider for a less lossy one, with the figures, and none that is reliable', () => {
  const circumstances = {
    config: exampleConfig(),
    sticky: undefined,
    now,
    lossOf: losses({ a: 0.6, b: 0, c: 0.2 }),
  };
  const { id, cause, reason, evidence } = elect(three, ['a'], circumstances);
  assert.deepEqual([id, cause], ['b', 'failover']);
  assert.equal(
    reason,
    'a has lost 60 % lately, b 0 % (limit: 40 percentage points more); neither is reliable',
  );
  assert.deepEqual(evidence, [
    { name: 'loss', value: 0.6, unit: 'ratio', limit: 0.4, sense: 'above', crossed: true, provider: 'a' },
  ]);
  const good = [weak('a', { health: 'reliable' }), weak('b'), weak('c')];
  assert.equal(elect(good, ['a'], circumstances).id, 'a');
  assert.equal(elect([weak('a', { liveness: 'down' }), weak('b'), weak('c')], ['a'], circumstances).id, 'b');
});

test('losesNoMore() holds a loss against nobody that is over, or that the other has as well', () => {
  const holds = (
    [lately, otherLately]: readonly (number | undefined)[],
    [shown, otherShown]: readonly (number | undefined)[],
    changes: Partial<Candidate> = {},
  ): boolean => {
    const known = (a: number | undefined, b: number | undefined) => (id: string) => (id === 'a' ? a : b);
    const given = { lossOf: known(lately, otherLately), shownLossOf: known(shown, otherShown) };
    return losesNoMore(weak('a', { onlyLoses: true, ...changes }), weak('b', { health: 'reliable' }), given);
  };
  assert.equal(holds([0, 0], [0.5, 0]), true, 'it is over');
  assert.equal(holds([0.3, 0.2], [0.25, 0]), true, 'the other has begun to lose as much');
  assert.equal(holds([0.3, 0], [0.22, 0.1]), true, 'chance');
  assert.equal(holds([0.3, 0], [0.22, 0]), false);
  assert.equal(
    holds([0.3, undefined], [0.22, undefined]),
    false,
    'nothing is known of the loss of the other',
  );
  assert.equal(holds([undefined, 0], [undefined, 0]), false, 'nor of its own');
  assert.equal(holds([0, 0], [0.5, 0], { liveness: 'doubt' }), false);
  assert.equal(holds([0, 0], [0.5, 0], { recentlyChecked: false }), false);
  assert.equal(holds([0, 0], [0.5, 0], { onlyLoses: false }), false, 'there is more against it');
});

test('elect() stays with a provider whose loss is over until it is trusted again, and leaves it for worse', () => {
  const present = weak('b', { onlyLoses: true });
  const other = weak('c', { health: 'reliable' });
  const chosen = (candidates: readonly Candidate[]): string | undefined =>
    elect(candidates, ['b'], {
      ...{ config: exampleConfig(), sticky: undefined, now },
      lossOf: losses({ b: 0, c: 0 }),
      shownLossOf: losses({ b: 0.4, c: 0 }),
    }).id;
  assert.equal(chosen([present, other]), 'b');
  assert.equal(chosen([{ ...present, onlyLoses: false }, other]), 'c');
  assert.equal(chosen([{ ...present, liveness: 'down' }, other]), 'c');
});

test('elect() returns traffic to no preferred provider that has begun to lose packets', () => {
  const candidates = [weak('a', { health: 'reliable' }), weak('b', { health: 'reliable' })];
  const chosen = (lately: number, loss: Config['loss']): string | undefined =>
    elect(candidates, ['b'], {
      ...{ config: exampleConfig({ loss }), sticky: undefined, now, lossOf: losses({ a: lately }) },
    }).id;
  assert.equal(chosen(0.1, { down: 0.2, up: 0.05 }), 'a');
  assert.equal(chosen(0.2, { down: 0.2, up: 0.05 }), 'b');
  assert.equal(chosen(0.2, 'none'), 'a');
});

test('elect() has those that lose clearly more than the leader not share its traffic', () => {
  const tier = [weak('a', { tier: 1 }), weak('b', { tier: 1 }), weak('c', { tier: 1 })];
  const ids = (known: Readonly<Record<string, number>>): readonly string[] =>
    elect(tier, ['a', 'b', 'c'], { config: exampleConfig(), sticky: undefined, now, lossOf: losses(known) })
      .ids;
  assert.deepEqual(ids({ a: 0.6, b: 0, c: 0.1 }), ['b', 'c']);
  assert.deepEqual(ids({ a: 0.2, b: 0, c: 0.1 }), ['a', 'b', 'c']);
});

const providers = [0, 1, 2].map((i) => exampleProvider(i));
const lossy = (lossRatio: number): Line => ({ up: () => true, lossRatio });

test('traffic leaves a line that loses 60 % for others that came back clean, though none is trusted yet', (t) => {
  for (const seed of [1, 2, 3]) {
    const config = exampleConfig({ providers, holdDownMs: 600_000 });
    const back =
      (at: number) =>
      (ms: number): boolean =>
        ms < 12_000 || ms > at;
    const lines = [{ up: back(20_000), lossRatio: 0.6 }, { up: back(25_000) }, { up: back(25_000) }];
    const outcome = simulate({ config, lines, chance: chanceFrom(seed), forMs: 50_000 });
    const moves = outcome.switches.filter(({ ms }) => ms > 20_000);
    assert.equal(moves[0]?.to, 'fibre', 'the first that passed again');
    t.diagnostic(`left after ${((moves[1]?.ms ?? Number.NaN) - 25_000) / 1000} s`);
    assert.equal(moves.length, 2, JSON.stringify(moves));
    assert.match(moves[1]?.reason ?? '', /^failover: fibre has lost \d+ % lately, lte 0 % \(limit: /);
  }
});

test('lines that lose the same do not take turns', (t) => {
  for (const ratio of [0.3, 0.5]) {
    const config = exampleConfig({ providers, loss: { down: 0.2, up: 0.1 } });
    const lines = [lossy(ratio), lossy(ratio), lossy(ratio)];
    const { switches, state } = simulate({ config, lines, chance: chanceFrom(9), forMs: 3_600_000 });
    assert.ok(
      [...state.paths.values()]
        .filter(({ expected }) => expected)
        .every(({ health }) => health === 'unreliable'),
    );
    t.diagnostic(`${switches.length - 1} moves in an hour at ${ratio}`);
    assert.ok(switches.length <= 9, `${switches.length} moves at ${ratio}`);
  }
});

test('whyLessLossy() gives both figures and the limit', () => {
  const rival = { id: 'lte', loss: 0.05, presentLoss: 0.62, margin: 0.5 };
  assert.match(
    whyLessLossy('fibre', rival),
    /^fibre has lost 62 % lately, lte 5 % \(limit: 50 percentage points more\)/,
  );
});
