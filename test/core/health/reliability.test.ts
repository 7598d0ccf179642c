import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { causeOf } from '../../../src/core/health/cause.ts';
import { noteCheck } from '../../../src/core/health/liveness.ts';
import { notePackets } from '../../../src/core/health/loss.ts';
import { judge, type Verdict } from '../../../src/core/health/reliability.ts';
import { PathState } from '../../../src/core/state/state.ts';
import type { Explanation } from '../../../src/core/state/why.ts';
import { justBecause } from '../../../src/core/state/why.ts';
import { check, exampleConfig, exampleProvider, failed, passed, start } from '../example.ts';

const defaults = exampleConfig();

/** A path that has this health, and has had these checks, one a second: an RTT each, or `undefined` for failed. */
function path(
  health: PathState['health'],
  checks: readonly (number | undefined)[],
  config = defaults,
): PathState {
  const p = new PathState(exampleProvider(0), 4, config);
  checks.forEach((rtt, i) => {
    noteCheck(p, check('fibre/4', i * 1000, rtt === undefined ? failed('no answer') : passed(rtt)), config);
  });
  p.health = health;
  p.since = health === 'unknown' ? undefined : start;
  p.why = justBecause('said before');
  return p;
}

function times<T>(n: number, value: T): T[] {
  return Array.from({ length: n }, () => value);
}

function verdict(
  p: PathState,
  config: Config = defaults,
  after = 60_000,
): Pick<Verdict, 'health'> & Pick<Explanation, 'reason' | 'numbers'> {
  const { health, why } = judge(p, config, start + after, causeOf(p));
  const { reason, numbers } = why();
  return { health, reason, numbers };
}

test('judge() leaves a path without evidence unknown', () => {
  const p = new PathState(exampleProvider(0), 4, defaults);
  assert.deepEqual(verdict(p), { health: 'unknown', reason: 'no check has ended yet', numbers: {} });
});

test('judge() calls an obstructed path unreliable with the obstacle as reason, whatever its checks say', () => {
  const p = path('reliable', times(10, 10));
  p.obstacle = 'interface eth1 has no carrier';
  assert.deepEqual(verdict(p), {
    health: 'unreliable',
    reason: 'interface eth1 has no carrier',
    numbers: { obstacle: 'interface eth1 has no carrier' },
  });
});

test('judge() calls a dead path unreliable, with counts, outage, limits and the last reason', () => {
  const p = path('reliable', [10, undefined, undefined, undefined]);
  assert.deepEqual(verdict(p), {
    health: 'unreliable',
    reason:
      '3 checks failed in a row (limit 2), nothing got through for 2.0 s (limit 1.0 s); last: no answer',
    numbers: { consecutiveFailed: 3, maxConsecutiveFailedChecks: 2, outageMs: 2000, minOutageMs: 1000 },
  });
});

test('judge() does not say that nothing gets through where something does', () => {
  const p = path('reliable', [10, undefined, undefined, undefined]);
  p.findings.fault = { layer: 'http', beyond: true, answered: true };
  assert.match(verdict(p).reason, /3 checks failed in a row \(limit 2\), no check passed for 2\.0 s/);
});

test('judge() keeps a path in doubt reliable: a short stall is no failover', () => {
  assert.equal(verdict(path('reliable', [...times(9, 10), undefined, undefined])).health, 'reliable');
});

test("judge() is S3's formula with maxConsecutiveFailedChecks 0 and minOutage 0", () => {
  const s3 = exampleConfig({ maxConsecutiveFailedChecks: 0, minOutageMs: 0, maxFailedChecks: 5 });
  const down = verdict(path('reliable', [...times(9, 10), undefined], s3), s3);
  assert.equal(down.health, 'unreliable');
  assert.equal(
    down.reason,
    '1 check failed in a row (limit 0), nothing got through for 0 ms (limit 0 ms); last: no answer',
  );
  assert.equal(verdict(path('unreliable', [undefined, ...times(4, 10)], s3), s3).health, 'unreliable');
  assert.equal(verdict(path('unreliable', [undefined, ...times(5, 10)], s3), s3).health, 'reliable');
});

test('judge() counts failures in the window, in both directions, without a gap', () => {
  const config = exampleConfig({ maxFailedChecks: 3, minOutageMs: 60_000 });
  const four = [undefined, 10, undefined, 10, undefined, 10, undefined, ...times(5, 10)];
  const three = four.slice(1);
  assert.deepEqual(verdict(path('reliable', four, config), config), {
    health: 'unreliable',
    reason: '4 of the last 12 checks failed (limit 3)',
    numbers: { failedInWindow: 4, samples: 12, maxFailedChecks: 3 },
  });
  assert.equal(verdict(path('reliable', three, config), config).health, 'reliable');
  assert.equal(verdict(path('unreliable', four, config), config).health, 'unreliable');
  assert.equal(verdict(path('unreliable', three, config), config).health, 'reliable');
});

test('judge() needs more than minConsecutiveSucceededChecks successes in a row', () => {
  assert.equal(verdict(path('unknown', times(4, 10))).health, 'unknown');
  assert.equal(verdict(path('unreliable', times(4, 10))).reason, '4 checks in a row passed (5 needed)');
  assert.deepEqual(verdict(path('unreliable', times(5, 10))), {
    health: 'reliable',
    reason: '5 checks in a row passed (5 needed)',
    numbers: { consecutiveSucceeded: 5, minConsecutiveSucceededChecks: 4 },
  });
});

interface LimitCase {
  readonly config: Config;
  readonly good: readonly (number | undefined)[];
  readonly between: readonly (number | undefined)[];
  readonly bad: readonly (number | undefined)[];
  readonly reason: string;
  readonly numbers: Readonly<Record<string, number>>;
}

const spaced = (n: number): (number | undefined)[] =>
  Array.from({ length: 20 }, (_, i) => (i % 2 === 0 && i / 2 < n ? undefined : 10));

const limitCases: Readonly<Record<string, LimitCase>> = {
  loss: {
    config: exampleConfig({ loss: { down: 0.3, up: 0.1 }, minOutageMs: 60_000 }),
    good: spaced(2),
    between: spaced(4),
    bad: spaced(7),
    reason: 'loss is 35 % (limit 30 %): 7 of 20 checks failed',
    numbers: { loss: 0.35, limit: 0.3, lost: 7, asked: 20 },
  },
  rtt: {
    config: exampleConfig({ rtt: { down: 200, up: 100 } }),
    good: times(20, 100),
    between: times(20, 200),
    bad: times(20, 1201),
    reason: 'rtt is 1.2 s (limit 200 ms)',
    numbers: { rtt: 1201, limit: 200 },
  },
  jitter: {
    config: exampleConfig({ jitter: { down: 50, up: 20 } }),
    good: times(10, [10, 30]).flat(),
    between: times(10, [10, 60]).flat(),
    bad: times(10, [10, 70]).flat(),
    reason: 'jitter is 60 ms (limit 50 ms)',
    numbers: { jitter: 60, limit: 50 },
  },
};

for (const [figure, { config, good, between, bad, reason, numbers }] of Object.entries(limitCases)) {
  test(`judge() takes trust over ${figure}'s down limit, gives it under up, and holds in between`, () => {
    const distrusted = (checks: LimitCase['good']): PathState => {
      const p = path('unreliable', checks, config);
      p.recovery.exceeded = new Set([
        judge(path('reliable', bad, config), config, start, undefined).exceeds ?? 'rtt',
      ]);
      return p;
    };
    assert.deepEqual(verdict(path('reliable', bad, config), config), {
      health: 'unreliable',
      reason,
      numbers,
    });
    assert.equal(verdict(path('reliable', between, config), config).health, 'reliable');
    assert.equal(verdict(distrusted(between), config).health, 'unreliable');
    assert.equal(verdict(distrusted(good), config).health, 'reliable');
    for (const health of ['unreliable', 'unknown'] as const)
      assert.equal(
        verdict(path(health, between, config), config).health,
        'reliable',
        'lost by something else',
      );
    assert.equal(verdict(path('reliable', good, config), config).health, 'reliable');
  });
}

test('judge() does not judge loss from fewer than 20 packets, nor when a single one exceeds the limit', () => {
  const config = exampleConfig({ loss: { down: 0.04, up: 0.02 } });
  const judged = (losses: readonly number[], of: number): string => {
    const p = new PathState(exampleProvider(0), 4, config);
    for (let i = 0; i < of; i += 1) {
      const event = {
        ...check('fibre/4', i * 1000),
        packets: [{ target: 'a', answered: !losses.includes(i) }],
      };
      noteCheck(p, event, config);
      notePackets(p, event, config);
    }
    return verdict({ ...p, health: 'reliable' }, config).health;
  };
  assert.equal(judged([3, 6, 9, 12], 19), 'reliable');
  assert.equal(judged([3, 6, 9, 12], 20), 'unreliable');
  assert.equal(judged([3], 20), 'reliable', '5 %, but a single packet');
  assert.equal(judged([3, 6], 40), 'unreliable');
});

test('judge() holds an unreliable path down for holdDown, and not an unknown one', () => {
  const config = exampleConfig({ holdDownMs: 30_000 });
  const held = verdict(path('unreliable', times(8, 10), config), config, 29_999);
  assert.equal(held.health, 'unreliable');
  assert.equal(held.reason, 'held down for 1 ms more (holdDown 30 s)');
  assert.equal(verdict(path('unreliable', times(8, 10), config), config, 30_000).health, 'reliable');
  assert.equal(verdict(path('unknown', times(8, 10), config), config, 0).health, 'reliable');
});

test('judge() distrusts a path that flaps until its penalty has decayed', () => {
  const p = path('reliable', times(8, 10));
  p.penalty = 2.5;
  p.penaltyAt = start + 60_000;
  assert.deepEqual(verdict(p), {
    health: 'unreliable',
    reason: 'it flaps: several short outages in a row (penalty 2.5, limit 1.8)',
    numbers: { penalty: 2.5, suppressAt: 1.8 },
  });
  p.health = 'unreliable';
  const { health, reason } = verdict(p, defaults, 62_000);
  assert.equal(health, 'unreliable', 'penalty 1.6 is under the limit but over 1');
  assert.equal(reason, 'it flapped: penalty 1.6 (reliable again under 1)');
  assert.equal(verdict(p, defaults, 63_900).health, 'unreliable');
  assert.equal(verdict(p, defaults, 64_100).health, 'reliable', 'penalty 0.97');
  p.health = 'reliable';
  assert.equal(verdict(p, defaults, 62_000).health, 'reliable', 'nor is trust taken in between');
});

test('judge() names the first cause: obstacle, then silence, then limits', () => {
  const config = exampleConfig({ maxFailedChecks: 1 });
  const p = path('reliable', times(6, undefined), config);
  assert.match(verdict(p, config).reason, /^6 checks failed in a row/);
  p.obstacle = 'interface eth1 is missing';
  assert.equal(verdict(p, config).reason, 'interface eth1 is missing');
});

/** A path that was silent for a minute, then passed so many checks. */
function returned(passes: number): PathState {
  const p = path('reliable', times(50, 10));
  for (let i = 50; i < 110; i += 1) noteCheck(p, check('fibre/4', i * 1000, failed()), defaults);
  p.health = 'unreliable';
  for (let i = 0; i < passes; i += 1) noteCheck(p, check('fibre/4', 110_000 + i * 1000), defaults);
  return p;
}

test('judge() holds an outage that is over against a path no longer than the checks in a row take', () => {
  assert.deepEqual(verdict(returned(4), defaults, 113_500), {
    health: 'unreliable',
    reason: 'checks began to pass 3.5 s ago: 4 checks in a row passed (5 needed)',
    numbers: { consecutiveSucceeded: 4, minConsecutiveSucceededChecks: 4 },
  });
  assert.equal(verdict(returned(5), defaults, 114_500).health, 'reliable');
});

test('judge() says what a path waits for now, not what was in its way before', () => {
  const p = path('unreliable', times(2, 10));
  p.recovery.sign = { at: start, of: 'carrier' };
  p.binding = {
    ...{ interfaceName: 'eth1', interfaceIndex: 11, address: '10.10.1.1' },
    ...{ network: undefined, gateway: undefined },
  };
  const reason = (): string => verdict(p, defaults, 2100).reason;
  assert.equal(reason(), 'interface eth1 came back 2.1 s ago: 2 checks in a row passed (5 needed)');
  p.recovery.sign = { at: start, of: 'binding' };
  assert.equal(reason(), 'bound to 10.10.1.1 2.1 s ago: 2 checks in a row passed (5 needed)');
  noteCheck(p, check('fibre/4', 2000, failed('no answer')), defaults);
  assert.equal(reason(), 'the latest check failed: no answer (5 in a row must pass)');
});

test('judge() says how far a path without a verdict is', () => {
  assert.equal(verdict(path('unknown', times(4, 10))).reason, '4 checks in a row passed (5 needed)');
  assert.equal(verdict(path('unknown', times(1, 10))).reason, '1 check in a row passed (5 needed)');
});
