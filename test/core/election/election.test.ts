import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Choice, elect } from '../../../src/core/election/election.ts';
import type { Candidate } from '../../../src/core/election/rank.ts';
import { justBecause } from '../../../src/core/state/why.ts';
import { exampleConfig, start } from '../example.ts';

const now = start + 60_000;

type Kind =
  | 'good'
  | 'doubt'
  | 'weak'
  | 'weak doubt'
  | 'new'
  | 'fresh'
  | 'neverAnswered'
  | 'unseen'
  | 'dead'
  | 'blocked'
  | 'cut';

const says = justBecause;

const kinds: Readonly<
  Record<Kind, Pick<Candidate, 'health' | 'liveness' | 'obstructed' | 'why' | 'neverAnswered' | 'unseen'>>
> = {
  good: { health: 'reliable', liveness: 'up', obstructed: false, why: says('all is well') },
  doubt: { health: 'reliable', liveness: 'doubt', obstructed: false, why: says('a check failed') },
  weak: { health: 'unreliable', liveness: 'up', obstructed: false, why: says('loss is 40 %') },
  'weak doubt': { health: 'unreliable', liveness: 'doubt', obstructed: false, why: says('loss is 60 %') },
  new: { health: 'unknown', liveness: 'unknown', obstructed: false, why: says('no check has ended yet') },
  fresh: { health: 'unknown', liveness: 'up', obstructed: false, why: says('no check has ended yet') },
  neverAnswered: {
    health: 'unknown',
    liveness: 'doubt',
    obstructed: false,
    why: says('no check has ended yet'),
    neverAnswered: 'no answer from 1.1.1.1',
  },
  unseen: {
    health: 'unknown',
    liveness: 'unknown',
    obstructed: false,
    why: says('not checked for 12 s'),
    unseen: true,
  },
  dead: { health: 'unreliable', liveness: 'down', obstructed: false, why: says('nothing got through') },
  blocked: { health: 'unreliable', liveness: 'up', obstructed: true, why: says('no carrier') },
  cut: { health: 'unknown', liveness: 'unknown', obstructed: true, why: says('interface eth1 is missing') },
};

function candidate(id: string, kind: Kind, changes: Partial<Candidate> = {}): Candidate {
  const tier = 'abcdef'.indexOf(id);
  return { id, tier, since: start, recentlyChecked: true, ...kinds[kind], ...changes };
}

interface Settings {
  readonly sticky?: string;
  readonly config?: Partial<ReturnType<typeof exampleConfig>>;
}

/** Elects among a, b, c… of these kinds, a preferred. */
function choose(of: readonly Kind[], current?: string, { sticky, config }: Settings = {}): Choice {
  const candidates = of.map((kind, i) => candidate('abcdef'.charAt(i), kind));
  return elect(candidates, current === undefined ? [] : [current], {
    config: exampleConfig(config),
    sticky,
    now,
  });
}

const table: readonly [string, readonly Kind[], string | undefined, string, Choice['cause']][] = [
  // what, candidates in order of preference, current, elected, cause
  ['the first at boot, before any evidence', ['new', 'new'], undefined, 'a', 'first choice'],
  ['a reliable one at boot before an unknown one', ['new', 'good'], undefined, 'b', 'first choice'],
  ['a passing one at boot before a blocked one', ['cut', 'fresh'], undefined, 'b', 'first choice'],
  ['the present one while it is good', ['good', 'good'], 'a', 'a', 'stays'],
  ['the present one in doubt', ['doubt', 'good'], 'a', 'a', 'stays'],
  ['the present one before any verdict on it', ['new', 'good'], 'a', 'a', 'stays'],
  ['a good one when the present one is dead', ['dead', 'good'], 'a', 'b', 'failover'],
  ['a good one when the present one is blocked', ['blocked', 'good'], 'a', 'b', 'failover'],
  ['a good one when the present one is weak', ['weak', 'good'], 'a', 'b', 'failover'],
  ['the most preferred of the good ones', ['dead', 'weak', 'good', 'good'], 'a', 'c', 'failover'],
  ['a weak but passing one when the present one is dead', ['dead', 'weak'], 'a', 'b', 'failover'],
  ['an unknown one when the present one is dead', ['dead', 'new'], 'a', 'b', 'failover'],
  ['a passing one before an unknown one', ['dead', 'new', 'weak'], 'a', 'c', 'failover'],
  ['the present one when all are equally weak', ['weak', 'weak'], 'b', 'b', 'stays'],
  ['the present weak one in doubt, before it is known to be dead', ['weak', 'weak doubt'], 'b', 'b', 'stays'],
  ['a preferred good one from a weak one at once', ['good', 'weak'], 'b', 'a', 'failover'],
  ['the preferred one after the failback delay', ['good', 'good'], 'b', 'a', 'failback'],
  ['not a preferred one in doubt', ['doubt', 'good'], 'b', 'b', 'stays'],
  ['not a preferred one that is weak', ['weak', 'good'], 'b', 'b', 'stays'],
  ['the best of several to fail back to', ['weak', 'good', 'good', 'good'], 'd', 'b', 'failback'],
  ['another when the present one is gone', ['good', 'good'], 'zzz', 'a', 'first choice'],
];

for (const [what, of, current, expected, cause] of table) {
  test(`elect() chooses ${what}`, () => {
    const choice = choose(of, current);
    assert.deepEqual([choice.id, choice.cause, choice.allDown], [expected, cause, false]);
  });
}

test('elect() gives reasons in words', () => {
  assert.equal(choose(['dead', 'good'], 'a').reason, 'a is down: nothing got through');
  assert.equal(choose(['blocked', 'good'], 'a').reason, 'a is down: no carrier');
  assert.equal(choose(['weak', 'good'], 'a').reason, 'a is unreliable: loss is 40 %');
  assert.equal(
    choose(['good', 'good'], 'b').reason,
    'it is preferred and has been reliable for 60 s (failback delay 10 s)',
  );
  assert.equal(choose(['good'], 'a', { sticky: 'a' }).reason, 'the operator pinned it');
});

test('elect() waits failbackDelay of unbroken reliability, to the millisecond', () => {
  const at = (sinceMs: number): string | undefined =>
    elect([candidate('a', 'good', { since: now - sinceMs }), candidate('b', 'good')], ['b'], {
      config: exampleConfig(),
      sticky: undefined,
      now,
    }).id;
  assert.equal(at(9_999), 'b');
  assert.equal(at(10_000), 'a');
});

test('elect() does not fail back on a time that was slept through', () => {
  const back = (recentlyChecked: boolean): string | undefined =>
    elect(
      [candidate('a', 'good', { recentlyChecked, since: start - 60_000 }), candidate('b', 'good')],
      ['b'],
      {
        config: exampleConfig(),
        sticky: undefined,
        now: start,
      },
    ).id;
  assert.equal(back(true), 'a');
  assert.equal(back(false), 'b');
});

test("elect() never fails back with failback: 'never', but still fails over", () => {
  assert.equal(choose(['good', 'good'], 'b', { config: { failback: 'never' } }).id, 'b');
  assert.equal(choose(['good', 'dead'], 'b', { config: { failback: 'never' } }).id, 'a');
  assert.equal(choose(['good', 'weak'], 'b', { config: { failback: 'never' } }).id, 'a');
});

test('elect() treats equal tiers as equally good: list order decides a choice, and nothing fails back', () => {
  const same = [candidate('a', 'good', { tier: 1 }), candidate('b', 'good', { tier: 1 })];
  const parts = { config: exampleConfig(), sticky: undefined, now };
  assert.equal(elect(same, [], parts).id, 'a');
  assert.equal(elect(same, ['b'], parts).id, 'b');
});

test('elect() goes by tier and not by list order', () => {
  const parts = { config: exampleConfig(), sticky: undefined, now };
  const reversed = [candidate('b', 'good'), candidate('a', 'good')];
  assert.equal(elect(reversed, [], parts).id, 'a');
  assert.equal(elect(reversed, ['b'], parts).id, 'a');
});

test('elect() chooses nobody when no provider has a tier, and does not call them down', () => {
  const { id, allDown, reason } = elect([candidate('a', 'good', { tier: null })], [], {
    config: exampleConfig(),
    sticky: undefined,
    now,
  });
  assert.deepEqual(
    [id, allDown, reason],
    [undefined, false, 'no provider has a tier, so none takes new traffic'],
  );
});

test('elect() never chooses tier null but for a pin, and leaves it when the pin goes', () => {
  const spare = [candidate('a', 'good', { tier: null }), candidate('b', 'dead')];
  const parts = { config: exampleConfig(), now };
  assert.equal(elect(spare, ['b'], { ...parts, sticky: undefined }).id, 'b', 'even when all others are dead');
  assert.equal(elect(spare, ['b'], { ...parts, sticky: 'a' }).id, 'a');
  assert.equal(elect(spare, ['a'], { ...parts, sticky: undefined }).id, 'b');
  assert.equal(
    elect([candidate('a', 'good', { tier: null })], [], { ...parts, sticky: undefined }).id,
    undefined,
  );
});

for (const kind of ['dead', 'blocked', 'weak', 'new'] as const) {
  test(`elect() obeys a pin to a provider that is ${kind}`, () => {
    const choice = choose(['good', 'good', kind], 'a', { sticky: 'c' });
    assert.deepEqual([choice.id, choice.cause, choice.allDown], ['c', 'sticky', false]);
  });
}

test('elect() ignores a pin to an unknown id', () => {
  assert.equal(choose(['good', 'good'], 'a', { sticky: 'zzz' }).id, 'a');
  assert.equal(choose(['dead', 'good'], 'a', { sticky: 'zzz' }).id, 'b');
});

const allDown: readonly [
  'keep' | 'first' | 'remove' | 'unreachable',
  string | undefined,
  string | undefined,
][] = [
  ['keep', 'b', 'b'],
  ['keep', undefined, 'a'],
  ['first', 'b', 'a'],
  ['remove', 'b', undefined],
  ['unreachable', 'b', undefined],
];

for (const [policy, current, expected] of allDown) {
  test(`elect() with allDown '${policy}' and ${current ?? 'nobody'} present chooses ${expected ?? 'nobody'}`, () => {
    assert.deepEqual(choose(['dead', 'blocked', 'cut'], current, { config: { allDown: policy } }), {
      id: expected,
      ids: expected === undefined ? [] : [expected],
      evidence: [],
      cause: 'all down',
      reason: `no provider passes its checks (allDown: ${policy})`,
      allDown: true,
    });
  });
}

test('elect() leaves all-down for the first that passes again, at once', () => {
  for (const policy of ['keep', 'first', 'remove', 'unreachable'] as const) {
    const current = policy === 'keep' || policy === 'first' ? 'a' : undefined;
    const choice = choose(['dead', 'weak', 'dead'], current, { config: { allDown: policy } });
    assert.deepEqual([choice.id, choice.allDown], ['b', false]);
  }
});

test('elect() tells that all are down while pinned', () => {
  const choice = choose(['dead', 'dead'], 'a', { sticky: 'b' });
  assert.deepEqual([choice.id, choice.allDown], ['b', true]);
});

test('elect() leaves one that was neverAnswered from the start for one that passes, and for nothing less', () => {
  const { id, cause, reason } = choose(['neverAnswered', 'fresh'], 'a');
  assert.deepEqual([id, cause], ['b', 'failover']);
  assert.equal(reason, 'a has not passed a check yet: no answer from 1.1.1.1');
  assert.equal(choose(['neverAnswered', 'weak'], 'a').id, 'b');
  for (const other of ['new', 'neverAnswered', 'dead', 'cut'] as const)
    assert.equal(choose(['neverAnswered', other], 'a').id, 'a', other);
  assert.equal(choose(['fresh', 'neverAnswered'], 'b').id, 'a');
  assert.equal(choose(['neverAnswered', 'new']).id, 'a', 'as a first choice it is as good as any');
});

test('elect() leaves a provider that could not be checked for long, for one that passes or may', () => {
  assert.deepEqual(choose(['unseen', 'good'], 'a').ids, ['b']);
  assert.equal(choose(['unseen', 'weak'], 'a').id, 'b');
  assert.equal(choose(['unseen', 'good'], 'a').reason, 'nothing is known of a: not checked for 12 s');
  assert.equal(choose(['unseen', 'unseen'], 'b').id, 'b');
  assert.equal(choose(['unseen', 'dead'], 'a').id, 'a');
  assert.equal(choose(['dead', 'unseen'], 'a').id, 'b');
  assert.equal(choose(['good', 'unseen'], 'b').id, 'a', 'at once: it may carry nothing');
});

const failed = (times: number): readonly number[] => Array.from({ length: times }, (_, i) => now - i * 1000);

test('elect() waits longer for a provider that traffic has failed over from repeatedly', () => {
  const at = (failovers: number, sinceMs: number): Choice =>
    elect(
      [
        candidate('a', 'good', { failovers: failed(failovers), since: now - sinceMs }),
        candidate('b', 'good'),
      ],
      ['b'],
      {
        config: exampleConfig(),
        sticky: undefined,
        now,
      },
    );
  assert.equal(at(1, 10_000).id, 'a');
  assert.equal(at(3, 39_999).id, 'b');
  const { id, reason, evidence } = at(3, 40_000);
  assert.equal(id, 'a');
  assert.match(reason, /for 40 s \(failback delay 40 s: 3 failovers in the last hour\)$/);
  assert.equal(evidence[0]?.limit, 40_000);
});

test('elect() lets a member of a tier that failed share again only after its failback delay', () => {
  const ids = (of: Kind, changes: Partial<Candidate>, current = ['b']): readonly string[] =>
    elect([candidate('a', of, { tier: 1, ...changes }), candidate('b', 'good', { tier: 1 })], current, {
      config: exampleConfig(),
      sticky: undefined,
      now,
    }).ids;
  assert.deepEqual(ids('good', { since: now }), ['a', 'b'], 'one that has not failed, at once');
  assert.deepEqual(ids('good', { since: now - 9_999, failovers: failed(1) }), ['b']);
  assert.deepEqual(ids('good', { since: now - 10_000, failovers: failed(1) }), ['a', 'b']);
  assert.deepEqual(
    ids('good', { since: now, failovers: failed(9) }, ['a', 'b']),
    ['a', 'b'],
    'one that shares, stays',
  );
});

test('elect() prefers one that passes at once, whatever its failback delay, to one that is dead', () => {
  const dead = [candidate('a', 'fresh', { failovers: failed(9) }), candidate('b', 'dead')];
  assert.equal(elect(dead, ['b'], { config: exampleConfig(), sticky: undefined, now }).id, 'a');
});
