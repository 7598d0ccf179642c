import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countFailovers, failbackDelay } from '../../../src/core/election/failback-delay.ts';
import { exampleConfig, exampleProvider, start } from '../example.ts';
import { chanceFrom, type Line, type Outcome, simulate } from '../simulate.ts';

const hourMs = 3_600_000;
const steady: Line = { up: () => true };
const config = exampleConfig({ providers: [exampleProvider(0), exampleProvider(1)] });
const oneTier = exampleConfig({
  providers: [exampleProvider(0, { tier: 0 }), exampleProvider(1, { tier: 0 })],
});

test('failbackDelay() doubles with each failover after the first, up to the limit', () => {
  const delays = (settings: Partial<typeof config>): readonly number[] =>
    [0, 1, 2, 3, 6, 7, 8, 24].map((n) => failbackDelay(n, exampleConfig(settings)) / 1000);
  assert.deepEqual(delays({}), [10, 10, 20, 40, 320, 600, 600, 600]);
  assert.deepEqual(delays({ failbackDelayMs: 0 }), [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(delays({ failbackDelayMs: 900_000 }), [900, 900, 900, 900, 900, 900, 900, 900]);
  assert.deepEqual(delays({ maxFailbackDelayMs: 0 }), [10, 10, 10, 10, 10, 10, 10, 10]);
});

test('countFailovers() counts the last hour, and nothing from before the clock was set', () => {
  const at = [start - hourMs, start - hourMs + 1, start, start + 1];
  assert.equal(countFailovers(at, start), 2);
});

/** Down for the first part of each period. */
function every(periodMs: number, downMs: number, phase: number): Line['up'] {
  return (ms) => ms < 12_000 || (ms - 12_000 + phase * periodMs) % periodMs >= downMs;
}

/** Up and down in turn, for 5 to 45 s each. */
function flaps(phase: number): Line['up'] {
  const chance = chanceFrom(phase * 1e6);
  const turns: number[] = [];
  for (let at = 12_000; at < hourMs; at += 5000 + chance() * 40_000) turns.push(at);
  return (ms) => {
    const next = turns.findIndex((at) => at > ms);
    return (next === -1 ? turns.length : next) % 2 === 0;
  };
}

/** The longest time that some of the traffic went through a dead line, ms. */
function longestDead({ switches }: Outcome, providers: readonly string[], lines: readonly Line[]): number {
  let longest = 0;
  for (const [i, { ms: from, to = '' }] of switches.entries()) {
    for (const id of to.split(', ')) {
      const { up } = lines[providers.indexOf(id)] ?? steady;
      let since = from;
      for (let ms = from; ms < (switches[i + 1]?.ms ?? hourMs); ms += 50) {
        if (up(ms)) since = ms;
        longest = Math.max(longest, ms - since);
      }
    }
  }
  return longest;
}

const ids = ['fibre', 'lte'];
const phases = [0.05, 0.5, 0.95];
const outages: Readonly<Record<string, (phase: number) => Line['up']>> = {
  'down 3 s of each 30 s': (phase) => every(30_000, 3000, phase),
  'down 10 s of each 60 s': (phase) => every(60_000, 10_000, phase),
  'down 20 s of each 90 s': (phase) => every(90_000, 20_000, phase),
  'down 30 s of each 120 s': (phase) => every(120_000, 30_000, phase),
  'flaps of 5 to 45 s': flaps,
};

for (const [what, upAt] of Object.entries(outages)) {
  test(`a line ${what} moves the traffic at most 12 times in an hour, and never stays in use while dead`, (t) => {
    for (const phase of phases) {
      const lines = [{ up: upAt(phase) }, steady];
      const outcome = simulate({ config, lines, forMs: hourMs });
      const moves = outcome.switches.length - 1;
      const dead = longestDead(outcome, ids, lines);
      t.diagnostic(`${moves} moves, at most ${(dead / 1000).toFixed(1)} s on the dead line`);
      assert.ok(moves >= 2 && moves <= 12, `${moves} moves`);
      assert.ok(dead <= config.minOutageMs + 1600, `${dead} ms`);
    }
  });
}

for (const [downMs, periodMs] of [
  [2000, 12_000],
  [3000, 15_000],
] as const) {
  test(`of a tier, a line down ${downMs} ms of each ${periodMs} ms leaves and joins at most 6 times in 10 minutes`, (t) => {
    for (const phase of phases) {
      const lines = [{ up: every(periodMs, downMs, phase) }, steady];
      const { switches } = simulate({ config: oneTier, lines, forMs: 600_000 });
      t.diagnostic(`${switches.length - 1} changes`);
      assert.ok(switches.length >= 2 && switches.length <= 7, JSON.stringify(switches.map(({ to }) => to)));
    }
  });
}

test('a line that has been good for a while gets its traffic back, at the latest when its failovers no longer count', () => {
  const up = every(30_000, 3000, 0);
  const lines = [{ up: (ms: number) => ms > 600_000 || up(ms) }, steady];
  const { state, switches, decisions } = simulate({ config, lines, forMs: 700_000 });
  assert.deepEqual(state.active[4], ['fibre']);
  const failovers = switches.filter(({ reason }) => reason.startsWith('failover:'));
  assert.match(
    failovers.at(-1)?.reason ?? '',
    /; failback delay of fibre 40 s: 3 failovers in the last hour$/,
  );
  const home = decisions.findLast(({ kind }) => kind === 'switch');
  assert.match(home?.reason ?? '', /^failback: .* \(failback delay 40 s: 3 failovers in the last hour\)$/);
  assert.equal(home?.evidence[0]?.limit, 40_000);
});
