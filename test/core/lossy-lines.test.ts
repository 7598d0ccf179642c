/** Loss in virtual time: what is shown of it, and what becomes of the traffic at the default limit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settings } from '../../models/settings.ts';
import { lossOf } from '../../src/core/health/loss.ts';
import { play } from './closed-loop.ts';
import { exampleConfig, exampleProvider, pathOf } from './example.ts';
import { chanceFrom, type Line, type Outcome, simulate } from './simulate.ts';

const hour = 3_600_000;
const clean: Line = { up: () => true };
const { down, up } = settings.loss.default;
const loss = { down: Number.parseFloat(down) / 100, up: Number.parseFloat(up) / 100 };
const config = exampleConfig({ loss, providers: [exampleProvider(0), exampleProvider(1)] });

function moves({ switches }: Pick<Outcome, 'switches'>): Outcome['switches'] {
  return switches.slice(1);
}

/** The loss shown after 200 s, mean of 60 runs. */
function shown(lineOf: (chance: () => number) => Line): number {
  const figures = Array.from({ length: 60 }, (_, seed) => {
    const chance = chanceFrom(seed);
    const forMs = 200_000 + 20_000 * chance();
    const { state } = simulate({ config, lines: [lineOf(chance), clean], chance, forMs });
    return lossOf(pathOf(state, 'fibre'))?.ratio ?? Number.NaN;
  });
  return figures.reduce((sum, one) => sum + one, 0) / figures.length;
}

/** A line that is silent for about so long at a time, for this share of the time (Gilbert and Elliott). */
function bursts(share: number, meanMs: number, chance: () => number): Line {
  const lasts = (mean: number): number => -mean * Math.log(1 - chance());
  let isSilent = false;
  let until = lasts((meanMs * (1 - share)) / share);
  const isUp = (ms: number): boolean => {
    while (ms >= until) {
      isSilent = !isSilent;
      until += lasts(isSilent ? meanMs : (meanMs * (1 - share)) / share);
    }
    return !isSilent;
  };
  return { up: isUp };
}

function stalls(everyMs: number, lastMs: number, from = 0): Line {
  return { up: (ms) => ms < 20_000 || (ms + from) % everyMs >= lastMs };
}

test('the loss shown is the loss of packets, whatever the checks make of it', (t) => {
  for (const ratio of [0.05, 0.1, 0.2, 0.3, 0.5]) {
    const mean = shown(() => ({ up: () => true, lossRatio: ratio }));
    t.diagnostic(`${ratio}: ${mean.toFixed(3)}`);
    assert.ok(Math.abs(mean - ratio) < 0.03, `${mean} of ${ratio}`);
  }
});

test('the loss shown is the share of time in which a line loses, though checks are faster then', (t) => {
  for (const [ratio, meanMs] of [
    [0.1, 60],
    [0.3, 60],
    [0.1, 400],
  ] as const) {
    const mean = shown((chance) => bursts(ratio, meanMs, chance));
    t.diagnostic(`${ratio} in bursts of ${meanMs} ms: ${mean.toFixed(3)}`);
    assert.ok(Math.abs(mean - ratio) < 0.05, `${mean} of ${ratio}`);
  }
  const mean = shown((chance) => stalls(20_000, 800, 20_000 * chance()));
  t.diagnostic(`0.04 in stalls of 800 ms: ${mean.toFixed(3)}`);
  assert.ok(Math.abs(mean - 0.04) < 0.03, `${mean}`);
});

for (const [ratio, withinMs] of [
  [0.3, 60_000],
  [0.53, 30_000],
] as const)
  test(`a line that begins to lose ${100 * ratio} % is left within ${withinMs / 1000} s, in 19 of 20 runs`, (t) => {
    const took = Array.from({ length: 100 }, (_, seed) => {
      const chance = chanceFrom(100 + seed);
      const lossy = { up: (ms: number) => ms < 70_000 || chance() >= ratio };
      const outcome = simulate({ config, lines: [lossy, clean], chance, forMs: 200_000 });
      const [first] = moves(outcome);
      assert.match(first?.reason ?? '', /loss is \d+ % \(limit 20 %\): \d+ of \d+ packets lost|in a row/);
      return (first?.ms ?? Number.NaN) - 70_000;
    }).sort((a, b) => a - b);
    t.diagnostic(`median ${took[50]?.toFixed(0)} ms, 95 of 100 ${took[94]?.toFixed(0)} ms`);
    assert.ok((took[94] ?? Number.NaN) <= withinMs);
  });

test('up to 5 % loss, or a stall of 0.8 s in every 20, moves no traffic', () => {
  for (const line of [
    { up: () => true, lossRatio: 0.02 },
    { up: () => true, lossRatio: 0.05 },
    stalls(60_000, 800),
    stalls(20_000, 800),
  ]) {
    const outcome = simulate({ config, lines: [line, clean], chance: chanceFrom(3), forMs: 5 * hour });
    assert.deepEqual(moves(outcome), []);
  }
});

test('whatever a line loses, its traffic does not come and go all the time', (t) => {
  for (const ratio of [0.1, 0.15, 0.2, 0.3, 0.5]) {
    const lines = [{ up: () => true, lossRatio: ratio }, clean];
    const outcome = simulate({ config, lines, chance: chanceFrom(4), forMs: 4 * hour });
    t.diagnostic(`${ratio}: ${moves(outcome).length / 4} moves an hour`);
    assert.ok(moves(outcome).length <= 4 * 12, `${moves(outcome).length} of ${ratio}`);
    if (ratio >= 0.3) assert.ok(moves(outcome).length <= 4, `${moves(outcome).length} of ${ratio}`);
  }
});

test('lines that all lose as much do not take turns all the time', (t) => {
  for (const ratio of [0.3, 0.5]) {
    const lines = [clean, clean].map((line) => ({ ...line, lossRatio: ratio }));
    const outcome = simulate({ config, lines, chance: chanceFrom(5), forMs: 2 * hour });
    t.diagnostic(`${ratio}: ${moves(outcome).length / 2} moves an hour`);
    assert.ok(moves(outcome).length <= 2 * 4, JSON.stringify(moves(outcome)));
  }
});

test('traffic returns when the loss has left the window, once', () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const chance = chanceFrom(200 + seed);
    const lossy = { up: (ms: number) => ms < 70_000 || ms > 190_000 || chance() >= 0.3 };
    const outcome = simulate({ config, lines: [lossy, clean], chance, forMs: 600_000 });
    const back = moves(outcome).filter(({ ms, to }) => ms > 190_000 && to === 'fibre');
    assert.equal(back.length, 1);
    assert.ok((back[0]?.ms ?? Number.NaN) < 190_000 + 90_000, `${back[0]?.ms}`);
    assert.deepEqual(outcome.state.active[4], ['fibre']);
  }
});

/** The real runner among targets of which one answers an echo of three, through these providers. */
function limited(through: readonly string[], seed: number): ReturnType<typeof play> {
  const chance = chanceFrom(seed);
  const pings = (target: string) => (provider: string) =>
    target !== '8.8.8.8' || !through.includes(provider) || chance() < 1 / 3;
  return play({ config, pings, forMs: 180_000, random: chanceFrom(seed + 100) });
}

test('a target that answers an echo of three is no loss of the line, through one or through all', async (t) => {
  for (const through of [['fibre'], ['fibre', 'lte']]) {
    for (let seed = 0; seed < 3; seed += 1) {
      const { state, decisions, switches } = await limited(through, seed);
      assert.deepEqual(moves({ switches }), []);
      assert.equal(lossOf(pathOf(state, 'fibre'))?.ratio, 0);
      const said = decisions.filter(({ kind }) => kind === 'target').map(({ sentence }) => sentence);
      t.diagnostic(`through ${through}: ${said.join('; ')}`);
      assert.ok(said.length <= 3, said.join('; '));
    }
  }
});

test('a line that always loses 8 %, less than `down` and more than `up`, comes back from an outage', () => {
  let packets = 0;
  const isDead = (ms: number): boolean => ms > 100_000 && ms < 106_000;
  const lossy = { up: (ms: number) => !isDead(ms) && ++packets % 12 !== 0 };
  const outcome = simulate({ config, lines: [lossy, clean], chance: chanceFrom(6), forMs: 150_000 });
  assert.deepEqual(
    moves(outcome).map(({ to }) => to),
    ['lte', 'fibre'],
  );
});
