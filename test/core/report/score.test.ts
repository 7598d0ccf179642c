import assert from 'node:assert/strict';
import { test } from 'node:test';
import { score } from '../../../src/core/report/score.ts';

const cases: readonly [number | undefined, number | undefined, number | undefined, number | undefined][] = [
  // loss, RTT, jitter, score
  [undefined, undefined, undefined, undefined],
  [1, undefined, undefined, 0],
  [0.5, undefined, undefined, undefined],
  [0, 0, 0, 100],
  [0, 20, 1, 100],
  [0, 300, 0, 96],
  [0, 1000, 0, 48],
  [0.01, 20, 1, 95],
  [0.1, 20, 1, 70],
  [0.5, 20, 1, 31],
  [0, 20, 200, 61],
];

for (const [lossRatio, rttMs, jitterMs, expected] of cases) {
  test(`score() of loss ${lossRatio}, RTT ${rttMs} ms, jitter ${jitterMs} ms is ${expected}`, () => {
    assert.equal(score({ lossRatio, rttMs, jitterMs }), expected);
  });
}

test('score() never rises with loss, RTT or jitter, and stays within 0..100', () => {
  const at = (lossRatio: number, rttMs: number, jitterMs: number): number =>
    score({ lossRatio, rttMs, jitterMs }) ?? Number.NaN;
  for (let i = 0; i < 100; i += 1) {
    assert.ok(at(i / 100, 50, 5) >= at((i + 1) / 100, 50, 5));
    assert.ok(at(0.02, i * 50, 5) >= at(0.02, i * 50 + 50, 5));
    assert.ok(at(0.02, 50, i * 20) >= at(0.02, 50, i * 20 + 20));
  }
  assert.equal(at(1, 10_000, 10_000), 0);
});
