import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Deadlines } from '../../../src/probes/deadlines.ts';
import { LagWatch } from '../../../src/probes/rounds/lag-watch.ts';

/** A watch on a clock of its own: `run` lets the process run, `stop` lets time pass without it. */
function scene() {
  mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  const lag = new LagWatch(new Deadlines(() => now), () => now);
  const run = (ms: number): void => {
    for (const end = now + ms; now < end; ) {
      now += 1;
      mock.timers.tick(1);
    }
  };
  const stop = (ms: number): void => {
    now += ms;
  };
  return { lag, run, stop, now: () => now };
}

/** Whether a lag was seen in a timing during which this happens. */
function sees(happens: (scene: { run(ms: number): void; stop(ms: number): void }) => void): boolean {
  const { lag, now, ...actions } = scene();
  actions.run(100);
  const startedAt = now();
  lag.begin();
  happens(actions);
  const seen = lag.end(startedAt);
  mock.timers.reset();
  return seen;
}

test('LagWatch sees a stop before, between and after the beats of a timing', () => {
  assert.ok(!sees(({ run }) => run(60)));
  assert.ok(sees(({ stop }) => stop(20)));
  assert.ok(sees(({ run, stop }) => [run(13), stop(20), run(30)]));
  assert.ok(sees(({ run, stop }) => [run(33), stop(20)]));
  assert.ok(!sees(({ run, stop }) => [run(13), stop(2), run(30)]), 'timers are never exact');
});

test('LagWatch keeps apart timings that overlap, and sleeps between them', () => {
  const { lag, run, stop, now } = scene();
  lag.begin();
  run(7);
  stop(40);
  run(7);
  const laterAt = now();
  lag.begin();
  run(20);
  assert.ok(!lag.end(laterAt), 'it began after the lag');
  assert.ok(lag.end(0));
  stop(500);
  const lastAt = now();
  lag.begin();
  run(20);
  assert.ok(!lag.end(lastAt), 'nothing was timed during the stop');
  mock.timers.reset();
});
