import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Config } from '../../models/config.ts';
import { config as anyConfig } from './arbitrary.ts';
import { exampleConfig, exampleProvider, none, start } from './example.ts';
import { chanceFrom, type Line, type Outcome, simulate } from './simulate.ts';

const steady: Line = { up: () => true };
const providers = [exampleProvider(0), exampleProvider(1)];

const reactions: Readonly<Record<string, Config>> = {
  normal: exampleConfig({ providers }),
  fast: exampleConfig({ providers, checkIntervalMs: 100, minOutageMs: 300 }),
  fastest: exampleConfig({ providers, checkIntervalMs: 20, minOutageMs: 60 }),
};

/** Sorted results of one scene at many random phases. */
function atPhases(n: number, seed: number, measure: (phase: number) => number): number[] {
  const chance = chanceFrom(seed);
  return Array.from({ length: n }, () => measure(chance())).sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Changes of the traffic's way after the first choice. */
function moves({ switches }: Outcome): Outcome['switches'] {
  return switches.slice(1);
}

for (const [name, config] of Object.entries(reactions)) {
  const { checkIntervalMs, minOutageMs } = config;

  test(`reaction ${name}: silent death is detected within minOutage and half an interval, median of 300 phases`, (t) => {
    const delays = atPhases(300, 1, (phase) => {
      const cut = 12_000 + phase * 5 * checkIntervalMs;
      const [first] = moves(
        simulate({ config, lines: [{ up: (ms) => ms < cut }, steady], forMs: cut + 5000 }),
      );
      assert.equal(first?.to, 'lte');
      assert.match(first?.reason ?? '', /^failover: fibre is down: \d+ checks failed in a row/);
      return (first?.ms ?? Number.NaN) - cut;
    });
    const [median, worst] = [quantile(delays, 0.5), quantile(delays, 1)];
    t.diagnostic(`median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`);
    const deadlineMs = Math.min(50, checkIntervalMs / 2);
    assert.ok(median <= minOutageMs + checkIntervalMs / 2 + 3 * deadlineMs);
    assert.ok(worst <= minOutageMs + 1.1 * checkIntervalMs + 3 * deadlineMs);
    assert.ok(quantile(delays, 0) > minOutageMs, 'nor sooner than minOutage');
  });

  test(`reaction ${name}: 100 stalls shorter than minOutage, at random times, cause no switch`, () => {
    for (let seed = 0; seed < 5; seed += 1) {
      const stalls = stallsOf(100, seed, 0.95 * minOutageMs);
      const end = stalls.at(-1)?.until ?? 0;
      const up = (ms: number): boolean => !stalls.some(({ from, until }) => ms >= from && ms < until);
      const outcome = simulate({ config, lines: [{ up }, steady], forMs: end + 5000 });
      assert.deepEqual(moves(outcome), [], `seed ${seed}`);
    }
  });

  test(`reaction ${name}: 1 s down, 1 s up for 60 s costs at most 2 switches and little traffic`, (t) => {
    const dead = atPhases(200, 2, (phase) => {
      const from = 12_000 + phase * 2000;
      const isDown = (ms: number): boolean =>
        ms >= from && ms < from + 60_000 && Math.floor((ms - from) / 1000) % 2 === 0;
      const outcome = simulate({
        config,
        lines: [{ up: (ms) => !isDown(ms) }, steady],
        forMs: from + 120_000,
      });
      assert.ok(moves(outcome).length <= 2, JSON.stringify(moves(outcome)));
      assert.deepEqual(outcome.state.active[4], ['fibre'], 'and it fails back when it is over');
      return outcome.deadRatio(from, from + 60_000);
    });
    const [median, late, worst] = [quantile(dead, 0.5), quantile(dead, 0.98), quantile(dead, 1)];
    t.diagnostic(`median ${(median * 100).toFixed(1)} %, worst ${(worst * 100).toFixed(1)} % of 60 s`);
    assert.ok(median <= 0.04 && late <= 0.05, `median ${median}, 98 % quantile ${late}`);
    assert.ok(worst <= 0.07, `worst ${worst}: outages that fall between two checks, or into the last of one`);
  });
}

interface Stall {
  readonly from: number;
  readonly until: number;
}

function stallsOf(count: number, seed: number, longestMs: number): Stall[] {
  const chance = chanceFrom(seed);
  const stalls: Stall[] = [];
  for (let from = 12_000; stalls.length < count; ) {
    const until = from + chance() * longestMs;
    stalls.push({ from, until });
    from = until + 5000 + chance() * 3000;
  }
  return stalls;
}

test('where traffic is watched, silent death is detected within minOutage and little more, median of 300 phases', (t) => {
  const config = exampleConfig({ providers });
  const delays = atPhases(300, 1, (phase) => {
    const cut = 12_000 + phase * 5000;
    const lines = [{ up: (ms: number) => ms < cut }, steady];
    const [first] = moves(simulate({ config, lines, traffic: true, forMs: cut + 5000 }));
    assert.equal(first?.to, 'lte');
    return (first?.ms ?? Number.NaN) - cut;
  });
  const [median, worst] = [quantile(delays, 0.5), quantile(delays, 1)];
  t.diagnostic(`median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`);
  assert.ok(median <= 1120 && worst <= 1150);
  assert.ok(quantile(delays, 0) > config.minOutageMs, 'nor sooner than minOutage');
});

test('where traffic is watched, 100 stalls just shorter than minOutage cause no switch', () => {
  const config = exampleConfig({ providers });
  for (let seed = 0; seed < 5; seed += 1) {
    const stalls = stallsOf(100, seed, 0.99 * config.minOutageMs);
    const end = stalls.at(-1)?.until ?? 0;
    const up = (ms: number): boolean => !stalls.some(({ from, until }) => ms >= from && ms < until);
    const outcome = simulate({ config, lines: [{ up }, steady], traffic: true, forMs: end + 5000 });
    assert.deepEqual(moves(outcome), [], `seed ${seed}`);
  }
});

test('traffic that is answered causes no check, and lost packets of it only a few', () => {
  const config = exampleConfig({ providers });
  const forMs = 600_000;
  const idle = simulate({ config, lines: [steady, steady], forMs });
  const busy = simulate({ config, lines: [steady, steady], traffic: true, forMs });
  assert.equal(busy.checks, idle.checks);
  const chance = chanceFrom(3);
  const lossy = simulate({
    config,
    lines: [{ ...steady, lossRatio: 0.05 }, steady],
    traffic: true,
    chance,
    forMs,
  });
  assert.ok(lossy.events.filter(({ type }) => type === 'traffic').length < 5);
});

test('lone lost packets cause no switch, even with a single target', () => {
  for (const lossRatio of [0.01, 0.03]) {
    const chance = chanceFrom(7);
    const lines = [{ ...steady, lossRatio }, steady];
    const config = exampleConfig({ providers });
    const outcome = simulate({ config, lines, targets: 1, chance, forMs: 2 * 3_600_000 });
    assert.deepEqual(moves(outcome), [], `${lossRatio}`);
  }
});

test('while all is well a provider costs one check per interval', () => {
  const outcome = simulate({ config: exampleConfig({ providers }), lines: [steady, steady], forMs: 600_000 });
  assert.ok(Math.abs(outcome.checks / 2 - 600) <= 6, `${outcome.checks / 2} checks in 600 s`);
});

test('twenty providers that were never checked are all checked within half a second', () => {
  const many = Array.from({ length: 20 }, (_, index) => exampleProvider(index));
  const lines = many.map(() => steady);
  const outcome = simulate({ config: exampleConfig({ providers: many }), lines, forMs: 500 });
  assert.equal(new Set(outcome.events.flatMap((e) => (e.type === 'check' ? [e.path] : []))).size, 20);
});

test('when all are down and one returns, it carries the traffic with its first passed check', () => {
  const delays = atPhases(100, 3, (phase) => {
    const back = 25_000 + phase * 3000;
    const lines = [{ up: (ms: number) => ms < 10_000 }, { up: (ms: number) => ms < 12_000 || ms > back }];
    const outcome = simulate({ config: exampleConfig({ providers }), lines, forMs: back + 1000 });
    const last = outcome.switches.at(-1);
    assert.equal(outcome.state.active[4][0], 'lte');
    return (last?.ms ?? 0) - back; // negative: allDown 'keep' had left the traffic there
  });
  assert.ok(quantile(delays, 1) <= 300, `${quantile(delays, 1)} ms`);
  const stays = { up: (ms: number) => ms < 10_000 || ms > 20_000 };
  const lines = [stays, { up: (ms: number) => ms < 9_000 }];
  const outcome = simulate({ config: exampleConfig({ providers }), lines, forMs: 60_000 });
  assert.deepEqual(moves(outcome), [], 'the kept one, whose routes were never removed');
});

test('failback comes failbackDelay after the provider is reliable again, and not with never', () => {
  const lines = [{ up: (ms: number) => ms < 10_000 || ms > 20_000 }, steady];
  const outcome = simulate({ config: exampleConfig({ providers }), lines, forMs: 60_000 });
  const [away, home, ...rest] = moves(outcome);
  assert.deepEqual([away?.to, home?.to, rest.length], ['lte', 'fibre', 0]);
  assert.match(home?.reason ?? '', /^failback: it is preferred and has been reliable for 1[01] s/);
  const reliable = outcome.decisions.findLast(({ kind, to }) => kind === 'health' && to === 'reliable');
  const waited = (home?.ms ?? 0) - ((reliable?.at ?? 0) - (outcome.decisions[0]?.at ?? 0));
  assert.ok(waited >= 10_000 && waited <= 11_100, `${waited} ms`);
  const never = simulate({ config: exampleConfig({ providers, failback: 'never' }), lines, forMs: 60_000 });
  assert.deepEqual(
    moves(never).map(({ to }) => to),
    ['lte'],
  );
});

test('after an outage of a minute a provider is reliable in five checks, and nothing of it moves traffic again', () => {
  atPhases(50, 11, (phase) => {
    const [from, until] = [60_000, 120_000 + phase * 1000];
    const lines = [{ up: (ms: number) => ms < from || ms >= until }, steady];
    const outcome = simulate({ config: exampleConfig({ providers }), lines, forMs: until + 60_000 });
    assert.deepEqual(
      moves(outcome).map(({ to }) => to),
      ['lte', 'fibre'],
    );
    const risen = outcome.decisions.findLast(({ kind, to }) => kind === 'health' && to === 'reliable');
    assert.equal(risen?.reason, '5 checks in a row passed (5 needed)');
    const ms = (risen?.at ?? 0) - start - until;
    assert.ok(ms < 6200, `reliable after ${ms} ms`);
    return ms;
  });
});

const chaos = fc.record({
  config: anyConfig,
  alive: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  flips: fc.array(fc.integer({ min: 50, max: 6000 }), { minLength: 3, maxLength: 20 }),
  rtts: fc.array(fc.constantFrom(2, 8), { minLength: 3, maxLength: 3 }),
});

test('delays, hold-downs and windows never keep traffic on a provider that fails while another passes', () => {
  fc.assert(
    fc.property(chaos, ({ config: settings, alive, flips, rtts }) => {
      const config = exampleConfig({
        ...settings,
        probeWhileSticky: true,
        providers: [0, 1, 2].map((i) =>
          exampleProvider(i, { addressing: { 4: exampleProvider(i).addressing[4], 6: none } }),
        ),
      });
      const settled = flips.reduce((a, b) => a + b, 0);
      // Before `settled` each line flips at its own times; from then on it is up or down for good.
      const lines = alive.map(
        (isAlive, i): Line => ({
          rttMs: rtts[i] ?? 2,
          up: (ms) => (ms >= settled ? isAlive : flipsBefore(flips, ms) % (i + 2) !== 0),
        }),
      );
      if (!alive.includes(true)) return;
      const failures = (config.maxConsecutiveFailedChecks + 2) * 2 * Math.min(50, config.checkIntervalMs);
      const boundMs = config.minOutageMs + 1.1 * config.checkIntervalMs + failures + 200;
      const outcome = simulate({ config, lines, forMs: settled + boundMs + 20_000 });
      assert.equal(outcome.deadRatio(settled + boundMs, settled + boundMs + 20_000), 0);
    }),
    { numRuns: 300 },
  );
});

function flipsBefore(flips: readonly number[], ms: number): number {
  let at = 0;
  return flips.filter((gap) => {
    at += gap;
    return at <= ms;
  }).length;
}
