import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ping } from '../../../models/config.ts';
import type { TargetResult } from '../../../models/event.ts';
import type { TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { Round, type RoundParts } from '../../../src/probes/rounds/round.ts';

const results: Readonly<Record<string, TestResult | undefined>> = {
  '+': { ok: true, rttMs: 10 },
  '-': { ok: false, code: 'no-answer', afterMs: 300, reason: 'no answer' },
  x: { ok: false, code: 'not-run', reason: 'no such device' },
  u: { ok: true, rttMs: 500, untimed: true },
  '?': undefined,
};

/** Scenarios in short, by letter: `!` when required, then the weight unless it is 1: `'a b! c3'`. */
function scenarios(text: string): TestScenario[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [name = '', rest] = [word[0], word.slice(1)];
      return ping(name, { required: rest.startsWith('!'), weight: Number(rest.replace('!', '') || 1) });
    });
}

const letter = (name: string): string => name.replace('ping ', '');

/** A round, what it ran, and how it ended. `slow`: scenarios run less often, with what they found: `'d+ e-'`. */
function play(
  regular: string,
  {
    slow = '',
    needed = 1,
    burst = false,
  }: { slow?: string } & Partial<Pick<RoundParts, 'needed' | 'burst'>> = {},
) {
  const asked: string[] = [];
  const onResults = new Map<string, (result: TestResult, isNews: boolean) => void>();
  const ends: { result: TestResult; targets: string; earlier: string }[] = [];
  const names = (found: readonly TargetResult[]): string =>
    found.map(({ target }) => letter(target)).join(' ');
  const round = new Round({
    scenarios: scenarios(regular),
    slow: slow
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => {
        const [scenario] = scenarios(word.slice(0, -1));
        assert.ok(scenario);
        return { scenario, lastResult: results[word.slice(-1)] };
      }),
    needed,
    burst,
    run(scenario, onResult) {
      asked.push(letter(scenario.name));
      onResults.set(letter(scenario.name), onResult);
    },
    onResult: (result, targets, earlier) =>
      void ends.push({ result, targets: names(targets), earlier: names(earlier) }),
  });
  round.start();
  return {
    round,
    ends,
    /** What was asked since the last look. */
    asked: () => asked.splice(0).join(' '),
    /** Answers in this order: `'a+ b-'`; `*` after it: it passed when it was asked before. */
    answer(text: string): void {
      for (const [name = '', sign = '', news] of text.split(' ')) {
        const result = results[sign];
        assert.ok(result);
        onResults.get(name)?.(result, news === '*');
      }
    },
  };
}

test('start() asks as many as must pass, the required ones among them', () => {
  assert.equal(play('a b c').asked(), 'a');
  assert.equal(play('a b c', { needed: 2 }).asked(), 'a b');
  assert.equal(play('a3 b c', { needed: 2 }).asked(), 'a');
  assert.equal(play('a b! c').asked(), 'b');
  assert.equal(play('a b! c', { needed: 2 }).asked(), 'b a');
  assert.equal(play('a! b c', { needed: 2 }).asked(), 'a b');
  assert.equal(play('a!2 b c', { needed: 2 }).asked(), 'a');
  assert.equal(play('a b c', { needed: 'all' }).asked(), 'a b c');
});

test('start() of a burst asks all at once, those with an interval too', () => {
  assert.equal(play('a b c', { burst: true, slow: 'd+' }).asked(), 'a b c d');
});

test('start() leaves out those with an interval, but for those that have found nothing yet', () => {
  assert.equal(play('a', { slow: 'd+ e? f-' }).asked(), 'a e');
});

test('a round passes as soon as enough passed, with the mean of their round trips, and hears no more', () => {
  const { answer, ends, asked } = play('a b c', { needed: 2 });
  assert.equal(asked(), 'a b');
  answer('a+');
  assert.equal(ends.length, 0);
  assert.equal(asked(), '', 'a pass is no reason to ask more');
  answer('b+');
  assert.deepEqual(ends, [{ result: { ok: true, rttMs: 10 }, targets: 'a b', earlier: '' }]);
  answer('b-');
  assert.equal(ends.length, 1);
});

test('its RTT is the mean of those that are the line’s', () => {
  const rttOf = (answers: string) => {
    const { ends, answer } = play('a b c', { needed: 'all' });
    answer(answers);
    return ends[0]?.result;
  };
  assert.deepEqual(rttOf('a+ bu c+'), { ok: true, rttMs: 10 });
  assert.deepEqual(rttOf('au bu cu'), { ok: true, rttMs: 500, untimed: true });
});

test('a failure has the others asked, all at once, and each but once', () => {
  const { answer, asked, ends } = play('a b c');
  assert.equal(asked(), 'a');
  answer('a-');
  assert.equal(asked(), 'b c');
  answer('b-');
  assert.equal(asked(), '');
  answer('c+');
  assert.deepEqual(ends.at(-1), { result: { ok: true, rttMs: 10 }, targets: 'a b c', earlier: '' });
});

test('a round fails as soon as enough cannot pass any more', () => {
  const { answer, ends } = play('a b c', { needed: 2 });
  answer('a-');
  assert.equal(ends.length, 0);
  answer('b-');
  assert.equal(ends[0]?.targets, 'a b');
  assert.equal(ends[0]?.result.ok, false);
});

test('a required one that fails ends it, and one that passes is not enough alone', () => {
  const failing = play('a! b c');
  failing.answer('a-');
  assert.equal(failing.ends[0]?.result.ok, false);
  const passing = play('a! b', { needed: 2 });
  passing.answer('a+');
  assert.equal(passing.ends.length, 0);
});

test('what could not run has no say; a round in which nothing could was not run', () => {
  const one = play('a b');
  one.answer('ax b+');
  assert.equal(one.ends[0]?.result.ok, true);
  const required = play('a! b');
  required.answer('ax b+');
  assert.equal(required.ends[0]?.result.ok, true);
  const none = play('a b');
  none.answer('ax bx');
  assert.equal(none.ends[0]?.result.ok === false && none.ends[0].result.code, 'not-run');
});

test('what passed before counts once something passes in this round, and proves nothing alone', () => {
  const { answer, ends, asked } = play('a', { needed: 2, slow: 'd+' });
  assert.equal(asked(), 'a');
  answer('a+');
  assert.deepEqual(ends, [{ result: { ok: true, rttMs: 10 }, targets: 'a', earlier: '' }]);

  const dead = play('a', { slow: 'd+' });
  dead.asked();
  dead.answer('a-');
  assert.equal(dead.ends.length, 0, 'the line may have died since: it is asked');
  assert.equal(dead.asked(), 'd');
  dead.answer('d-');
  assert.equal(dead.ends[0]?.result.ok, false);
});

test('what failed before fails it without being asked, and is named', () => {
  const { answer, ends, asked } = play('a', { needed: 'all', slow: 'd- e+' });
  asked();
  answer('a+');
  assert.equal(asked(), '');
  assert.equal(ends[0]?.result.ok, false);
  assert.deepEqual([ends[0]?.targets, ends[0]?.earlier], ['a', 'd']);

  const burst = play('a', { needed: 'all', slow: 'd-', burst: true });
  burst.answer('d-');
  assert.deepEqual(
    [burst.ends[0]?.targets, burst.ends[0]?.earlier],
    ['d', ''],
    'asked: what it finds now counts',
  );
});

test('those with an interval are asked at once when one fails that passed before, and only then', () => {
  const news = play('a b', { needed: 1, slow: 'd+' });
  news.asked();
  news.answer('a-*');
  assert.equal(news.asked(), 'd b');
  const old = play('a b', { needed: 1, slow: 'd+' });
  old.asked();
  old.answer('a-');
  assert.equal(old.asked(), 'b');
});

test('passesWith() tells whether late answers would have been enough', () => {
  const { answer, ends, round } = play('a b c', { needed: 2 });
  answer('a- b-');
  assert.equal(ends[0]?.result.ok, false);
  assert.equal(round.passesWith(new Set(['ping a'])), false);
  assert.equal(round.passesWith(new Set(['ping a', 'ping b'])), true);
});

test('abandon() ends it without a word', () => {
  const { answer, ends, round, asked } = play('a b');
  asked();
  round.abandon();
  answer('a-');
  assert.equal(ends.length, 0);
  assert.equal(asked(), '');
});
