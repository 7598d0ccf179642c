import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasPassed, type Sample, type Summary, Window } from '../../../src/core/state/window.ts';

/** The same figures the slow and obvious way. */
function naive(samples: readonly Sample[]): Summary {
  const rtts = samples.flatMap(({ rttMs }) => rttMs ?? []);
  const steps = rtts.slice(1).map((rtt, i) => Math.abs(rtt - (rtts[i] ?? 0)));
  const mean = (values: readonly number[]): number | undefined =>
    values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length;
  const failed = samples.filter((sample) => !hasPassed(sample)).length;
  return {
    samples: samples.length,
    failed,
    rttMs: mean(rtts),
    jitterMs: mean(steps),
  };
}

function assertClose(actual: Summary, expected: Summary): void {
  for (const key of ['samples', 'failed', 'rttMs', 'jitterMs'] as const) {
    const [a, b] = [actual[key], expected[key]];
    const close = a === b || (a !== undefined && b !== undefined && Math.abs(a - b) < 1e-6);
    assert.ok(close, `${key} is ${a}, the naive summary says ${b}`);
  }
}

const untimed = { rttMs: undefined, untimed: true } as const;
const passed = fc.oneof(
  { weight: 4, arbitrary: fc.record({ rttMs: fc.double({ min: 0, max: 3000, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.constant(untimed) },
);
const outcome = fc.option(passed, { nil: { rttMs: undefined }, freq: 2 });
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ push: outcome }) },
  { weight: 1, arbitrary: fc.record({ amend: fc.nat(30), to: passed }) },
);

test('Window agrees with a naive summary through pushes, evictions and late answers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(action, { maxLength: 80 }), (capacity, actions) => {
      const window = new Window(capacity);
      let model: Sample[] = [];
      let time = 0;
      for (const act of actions) {
        if ('push' in act) {
          time += 1;
          window.push({ startedAt: time, ...act.push });
          model = [...model, { startedAt: time, ...act.push }].slice(-capacity);
        } else {
          const at = time - act.amend;
          const isMeant = (sample: Sample): boolean => sample.startedAt === at && !hasPassed(sample);
          assert.equal(window.amend(at, act.to.rttMs), model.some(isMeant));
          model = model.map((sample) => (isMeant(sample) ? { startedAt: at, ...act.to } : sample));
        }
        assertClose(window.summary(), naive(model));
        assert.deepEqual(window.toSamples(), model);
        assert.equal(window.failed, naive(model).failed);
        assert.equal(window.samples, model.length);
      }
    }),
    { numRuns: 400 },
  );
});

test('Window.drop() leaves what a window without those samples would be, whatever is pushed afterwards', () => {
  const some = fc.array(outcome, { maxLength: 30 });
  fc.assert(
    fc.property(some, some, fc.nat(30), fc.nat(30), (before, after, from, until) => {
      const window = new Window(12);
      before.forEach((each, startedAt) => {
        window.push({ startedAt, ...each });
      });
      const kept = window.toSamples().filter(({ startedAt }) => startedAt < from || startedAt >= until);
      window.drop(from, until);
      const other = new Window(12, kept);
      after.forEach((each, i) => {
        for (const one of [window, other]) one.push({ startedAt: 100 + i, ...each });
      });
      assertClose(window.summary(), naive(other.toSamples()));
      assert.deepEqual(window.toSamples(), other.toSamples());
    }),
    { numRuns: 300 },
  );
});

test('Window.summary() says undefined, not 0, where there is nothing to measure', () => {
  const window = new Window(5);
  assert.deepEqual(window.summary(), naive([]));
  window.push({ startedAt: 1, rttMs: undefined });
  assert.deepEqual(window.summary(), {
    samples: 1,
    failed: 1,
    rttMs: undefined,
    jitterMs: undefined,
  });
  window.push({ startedAt: 2, rttMs: 10 });
  assert.equal(window.summary().jitterMs, undefined); // one answer has no difference to another
});

test('Window.toSamples() gives the newest, oldest first, and a window made of them is the same', () => {
  const window = new Window(3);
  for (let i = 0; i < 5; i += 1) window.push({ startedAt: i, rttMs: i === 3 ? undefined : i });
  assert.deepEqual(window.toSamples(2), [
    { startedAt: 3, rttMs: undefined },
    { startedAt: 4, rttMs: 4 },
  ]);
  assert.deepEqual(new Window(3, window.toSamples()).summary(), window.summary());
  assert.deepEqual(new Window(2, window.toSamples()).toSamples(), window.toSamples(2));
});

test('Window stays exact over a long run of numbers that do not add up in binary', () => {
  const window = new Window(7);
  const last: Sample[] = [];
  for (let i = 0; i < 100_000; i += 1) {
    const sample = { startedAt: i, rttMs: i % 5 === 0 ? undefined : 0.1 + (i % 13) * 100.7 };
    window.push(sample);
    last.push(sample);
    if (last.length > 7) last.shift();
  }
  assertClose(window.summary(), naive(last));
});
