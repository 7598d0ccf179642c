import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Config, ping } from '../../models/config.ts';
import { type Answers, Dear, type Played, play } from './closed-loop.ts';
import { exampleConfig, exampleProvider } from './example.ts';
import { chanceFrom } from './simulate.ts';

const always: Answers = () => true;
const pings = () => always;
const everyMs = 30_000;
const providers = [exampleProvider(0), exampleProvider(1)];

function mixed(dear: Dear, changes: Partial<Config> = {}): Config {
  return exampleConfig({ providers, testScenarios: [ping('1.1.1.1'), ping('8.8.8.8'), dear], ...changes });
}

/** Changes of the traffic's way after the first choice. */
function moves({ switches }: Played): readonly (string | undefined)[] {
  return switches.slice(1).map(({ to }) => to);
}

const askedIn = (dear: Dear, from: number, to: number, provider = 'fibre') =>
  dear.asked.filter((each) => each.provider === provider && each.ms >= from && each.ms < to).length;

test('a required one that fails behind pings that pass moves the traffic in time, and back in time, once each', async (t) => {
  const chance = chanceFrom(5);
  let [slowest, slowestBack] = [0, 0];
  for (let i = 0; i < 8; i += 1) {
    const from = 60_000 + chance() * everyMs;
    const until = from + 60_000 + chance() * 60_000;
    const dear = new Dear((id, ms) => id !== 'fibre' || ms < from || ms >= until, {
      required: true,
      everyMs,
    });
    const played = await play({ config: mixed(dear), pings, forMs: until + 100_000, random: chance });
    assert.deepEqual(moves(played), ['lte', 'fibre']);
    const [, away, back] = played.switches;
    assert.match(away?.reason ?? '', /captive portal/);
    slowest = Math.max(slowest, (away?.ms ?? 0) - from);
    slowestBack = Math.max(slowestBack, (back?.ms ?? 0) - until);
    assert.ok(askedIn(dear, from, (away?.ms ?? 0) + 1) <= 25, 'a doubt costs no more than it takes');
    assert.ok(askedIn(dear, (away?.ms ?? 0) + 1, until) <= 8, 'nor does what stays as it is');
  }
  t.diagnostic(`found within ${slowest} ms, back within ${slowestBack} ms`);
  assert.ok(slowest <= 1.1 * everyMs + 1100 + 1000 + 1100, `${slowest} ms`);
  // Asked again, then enough passes in a row for 20 of the window's 50 to be left, then the failback delay.
  assert.ok(slowestBack <= 1.1 * everyMs + 40_000 + 12_000, `${slowestBack} ms`);
});

test('one that is not required fails as long as it likes while the pings weigh enough', async () => {
  const dear = new Dear((id, ms) => id !== 'fibre' || ms < 40_000, { everyMs });
  const played = await play({ config: mixed(dear), pings, forMs: 180_000 });
  assert.deepEqual(moves(played), []);
  assert.equal(played.state.paths.get('fibre/4')?.window.failed, 0);
});

test('without the weight of a dear one that fails the pings are not enough', async () => {
  const dear = new Dear((id, ms) => id !== 'fibre' || ms < 40_000, { everyMs, weight: 2 });
  const played = await play({ config: mixed(dear, { requiredSuccessful: 3 }), pings, forMs: 90_000 });
  assert.deepEqual(moves(played), ['lte']);
});

test('a portal that comes and goes for 300 s moves the traffic a few times, not with each of its changes', async (t) => {
  for (const periodMs of [5000, 20_000, 45_000]) {
    const bad = (ms: number): boolean => ms > 60_000 && ms < 360_000 && Math.floor(ms / periodMs) % 2 === 1;
    const dear = new Dear((id, ms) => id !== 'fibre' || !bad(ms), { required: true, everyMs });
    const played = await play({ config: mixed(dear), pings, forMs: 480_000 });
    t.diagnostic(`${2 * periodMs} ms: ${moves(played).length} moves`);
    assert.ok(moves(played).length <= 8, JSON.stringify(played.switches));
    assert.deepEqual(played.state.active[4], ['fibre'], 'and it fails back when it is over');
  }
});

test('a dear one is asked at once when a ping fails, vouches for the line, and fails with it', async () => {
  const dear = new Dear((_, ms) => ms < 150_000, { everyMs });
  const config = mixed(dear, { testScenarios: [ping('1.1.1.1'), dear] });
  const failing = () => (id: string, ms: number) => id !== 'fibre' || ms < 100_000;
  const played = await play({ config, pings: failing, forMs: 170_000 });
  assert.ok(askedIn(dear, 100_000, 101_300) >= 1, 'within a check');
  assert.equal(askedIn(dear, 70_000, 100_000) <= 1, true, 'before it was asked seldom');
  const [move] = played.switches.slice(1);
  assert.equal(move?.to, 'lte');
  assert.ok((move?.ms ?? 0) > 150_000 && (move?.ms ?? 0) < 153_500, `${move?.ms}`);
});

test('a line that dies is found no later for a dear one that has an interval', async () => {
  const chance = chanceFrom(6);
  for (const required of [false, true]) {
    const cut = 90_000 + chance() * 5000;
    const up: Answers = (id, ms) => id !== 'fibre' || ms < cut;
    const dear = new Dear(up, { required, everyMs });
    const played = await play({ config: mixed(dear), pings: () => up, forMs: cut + 10_000, random: chance });
    const [move] = played.switches.slice(1);
    assert.ok(
      (move?.ms ?? Infinity) - cut < 2600,
      `${(move?.ms ?? Infinity) - cut} ms, required ${required}`,
    );
  }
});

const dead: readonly (readonly [string, ConstructorParameters<typeof Dear>[1], Partial<Config>])[] = [
  ['a required target with an interval', { required: true, everyMs }, {}],
  ['a required target', { required: true }, {}],
  ['a target whose weight is needed', { weight: 2 }, { requiredSuccessful: 3 }],
  ['a target whose weight is needed, with an interval', { weight: 2, everyMs }, { requiredSuccessful: 3 }],
  ["one of all that must pass, with 'all'", { everyMs }, { requiredSuccessful: 'all' }],
];
for (const [what, policy, settings] of dead) {
  test(`${what} that is dead for everyone is set aside, and moves no traffic`, async () => {
    const chance = chanceFrom(8);
    for (let i = 0; i < 4; i += 1) {
      const dies = 70_000 + chance() * everyMs;
      const dear = new Dear((_, ms) => ms < dies || ms > dies + 100_000, policy);
      const played = await play({
        config: mixed(dear, settings),
        pings,
        forMs: dies + 180_000,
        random: chance,
      });
      const told = played.decisions.filter(({ kind }) => kind === 'target').map(({ sentence }) => sentence);
      assert.deepEqual(told, [
        'target "http site" is dead and set aside',
        'target "http site" answers again',
      ]);
      assert.ok(played.decisions.every(({ reason }) => !reason.startsWith('all down')));
      for (const path of ['fibre/4', 'lte/4'] as const)
        assert.equal(played.state.paths.get(path)?.health, 'reliable');
      assert.deepEqual(moves(played), []);
    }
  });
}

test('a metered standby spends its budget and no more, dear checks included', async () => {
  const metered = [exampleProvider(0), exampleProvider(1, { probeBudget: 20_000 })];
  const dear = new Dear(always, { everyMs });
  const config = mixed(dear, { providers: metered });
  const played = await play({ config, pings, forMs: 1_800_000 });
  const spent = played.state.paths.get('lte/4')?.spending?.sinceStart ?? 0;
  assert.ok(spent < 10_000 * 1.15, `${spent} bytes in half an hour`);
  assert.ok(spent > 10_000 * 0.7, `${spent} bytes in half an hour`);
  const asked = askedIn(dear, 600_000, 1_800_000, 'lte');
  assert.ok(asked < askedIn(dear, 600_000, 1_800_000) / 10, `${asked} times`);
});

test('a start while the first provider is dead moves to one that works within 0.8 s', async (t) => {
  const config = exampleConfig({ providers });
  const { switches } = await play({ config, pings: () => (id) => id !== 'fibre', forMs: 5000 });
  t.diagnostic(`${switches.at(-1)?.ms} ms after the devices were read`);
  assert.equal(switches.at(-1)?.to, 'lte');
  assert.match(switches.at(-1)?.reason ?? '', /^failover: fibre has not passed a check yet/);
  assert.ok((switches.at(-1)?.ms ?? Number.POSITIVE_INFINITY) <= 800);
});
