import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tally, type Vote } from '../../../src/probes/rounds/tally.ts';

const verdicts = { '+': 'passed', '-': 'failed', '?': 'open', x: 'none' } as const;

/** Votes in short: a verdict, `!` when it is required, and the weight unless it is 1: `'+ -!3 ?'`. */
function votes(text: string): Vote[] {
  return text.split(' ').map((word) => ({
    verdict: verdicts[word[0] as keyof typeof verdicts], // these tests write no other
    required: word[1] === '!',
    weight: Number(word.replace(/^.!?/, '') || 1),
  }));
}

const cases: readonly (readonly [string, number | 'all', ReturnType<typeof tally>])[] = [
  ['+ ? ?', 1, 'passed'],
  ['- ? ?', 1, 'open'],
  ['- - ?', 1, 'open'],
  ['- - -', 1, 'failed'],
  ['+ - ?', 2, 'open'],
  ['+ - -', 2, 'failed'],
  ['+3 ? ?', 3, 'passed'],
  ['+ + ?3', 3, 'open'],
  ['+ + -3', 3, 'failed'],
  ['-3 + +', 2, 'passed'],
  ['+ ?!', 1, 'open'],
  ['+ -!', 1, 'failed'],
  ['- +!', 1, 'passed'],
  ['- +!', 2, 'failed'],
  ['+ + ?', 'all', 'open'],
  ['+ + +', 'all', 'passed'],
  ['+ - ?', 'all', 'failed'],
  ['+ x', 'all', 'passed'],
  ['+ x', 2, 'passed'],
  ['- x', 2, 'failed'],
  ['+ x!', 1, 'passed'],
  ['x x', 1, 'failed'],
  ['+ +', 9, 'passed'],
];

for (const [text, needed, expected] of cases) {
  test(`tally() of ${text} with ${needed} needed: ${expected}`, () => {
    assert.equal(tally(votes(text), needed), expected);
  });
}

const anyVote = fc.record({
  weight: fc.integer({ min: 1, max: 5 }),
  required: fc.boolean(),
  verdict: fc.constantFrom('passed', 'failed', 'open', 'none'),
});
const anyNeed = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant('all' as const));

test('tally() never changes its mind, whatever is still open comes to', () => {
  fc.assert(
    fc.property(fc.array(anyVote, { maxLength: 6 }), anyNeed, fc.array(fc.boolean()), (all, needed, ends) => {
      const early = tally(all, needed);
      const ended = all.map((vote, i) =>
        vote.verdict === 'open' ? ({ ...vote, verdict: ends[i] ? 'passed' : 'failed' } as const) : vote,
      );
      const late = tally(ended, needed);
      assert.notEqual(late, 'open');
      if (early !== 'open') assert.equal(late, early);
    }),
  );
});

test('tally() takes a pass for no worse than a failure', () => {
  fc.assert(
    fc.property(fc.array(anyVote, { minLength: 1, maxLength: 6 }), anyNeed, (all, needed) => {
      const better = all.map((vote) =>
        vote.verdict === 'failed' ? ({ ...vote, verdict: 'passed' } as const) : vote,
      );
      if (tally(all, needed) === 'passed') assert.equal(tally(better, needed), 'passed');
    }),
  );
});
