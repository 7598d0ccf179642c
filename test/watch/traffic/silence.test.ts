import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SilenceDetector } from '../../../src/watch/traffic/silence.ts';

/** Packets that have come and gone by a time, ms. */
type Totals = (ms: number) => number;

interface Traffic {
  readonly rx: Totals;
  readonly tx: Totals;
  readonly everyMs?: number; // @default 100
  readonly forMs: number;
}

interface Found {
  readonly ms: number;
  readonly what: 'silent' | 'ended';
  readonly sinceMs: number | undefined;
}

/** A steady rate from `from` until `to`. */
function rate(perSecond: number, from = 0, to = Number.POSITIVE_INFINITY): Totals {
  return (ms) => Math.floor((perSecond * Math.max(0, Math.min(ms, to) - from)) / 1000);
}

function sum(...parts: readonly Totals[]): Totals {
  return (ms) => parts.reduce((total, part) => total + part(ms), 0);
}

/** What a detector finds in traffic, sampled from the start. */
function findings({ rx, tx, everyMs = 100, forMs }: Traffic, detector = new SilenceDetector()): Found[] {
  const found: Found[] = [];
  let closerAt = 0;
  for (let ms = 0, next = 0; ms <= forMs; ms = next) {
    const what = detector.take(ms, { rx: rx(ms), tx: tx(ms) }, 400);
    next = ms + everyMs;
    if (detector.isDoubtful && ms - closerAt >= 500) [next, closerAt] = [ms + 45, ms];
    if (what !== undefined) found.push({ ms, what, sinceMs: detector.silentSince });
  }
  return found;
}

const flow = rate(100);
const diesAt = 10_020;

test('a flow whose answers stop is silent within 0.15 s, since the last of them', () => {
  for (let at = 10_000; at < 10_200; at += 7) {
    const [first, ...more] = findings({ rx: rate(100, 0, at), tx: flow, forMs: 12_000 });
    assert.equal(first?.what, 'silent');
    assert.ok(first.ms - at <= 150, `noticed ${first.ms - at} ms after the death`);
    const sinceMs = first.sinceMs ?? 0;
    assert.ok(sinceMs >= at - 1 && sinceMs <= at + 75, `since ${sinceMs - at} ms after the death`);
    assert.deepEqual(more, []);
  }
});

test('the end of a silence is found, and another silence after it', () => {
  const rx = sum(rate(100, 0, diesAt), rate(100, 10_700, 20_000));
  const found = findings({ rx, tx: flow, forMs: 21_000 });
  assert.deepEqual(
    found.map(({ what }) => what),
    ['silent', 'ended', 'silent'],
  );
  assert.ok((found[1]?.ms ?? 0) - 10_700 <= 200);
});

const harmless: Readonly<Record<string, Omit<Traffic, 'forMs'>>> = {
  'nothing at all': { rx: rate(0), tx: rate(0) },
  'an idle line with one echo a second that dies': { rx: rate(1, 0, diesAt), tx: rate(1) },
  'a one-way upload': { rx: rate(1), tx: rate(2000) },
  'answers that take another line': { rx: rate(0.2), tx: rate(500) },
  'a transfer that ends': { rx: rate(1000, 0, diesAt), tx: rate(500, 0, diesAt) },
  'a one-way download that ends': { rx: rate(1000, 0, diesAt), tx: rate(1) },
  'a download that begins': { rx: rate(1000, diesAt), tx: rate(500, diesAt) },
  'answers that come in bursts, 0.2 s apart': { rx: (ms) => Math.floor(ms / 200) * 20, tx: flow },
  'one packet of ten lost': { rx: rate(90), tx: flow },
  'four packets of ten lost': { rx: rate(60), tx: flow },
};

for (const [what, traffic] of Object.entries(harmless)) {
  test(`${what} is no silence`, () => {
    const found = findings({ ...traffic, forMs: 20_000 });
    // What is usual is learned: a false alarm at the beginning costs a check.
    assert.deepEqual(
      found.filter(({ ms }) => ms > 4000),
      [],
    );
  });
}

test('an upload begins on a line that others use: its answers are as far away as ever', () => {
  const tx = sum(flow, rate(2000, diesAt));
  const rx = sum(flow, rate(1000, diesAt + 80));
  assert.deepEqual(findings({ rx, tx, forMs: 20_000 }), []);
});

test('a TCP upload dies: its window is soon full, and little more is sent', () => {
  const again = [40, 220, 620].map(
    (ms): Totals =>
      (at) =>
        at > diesAt + ms ? 1 : 0,
  ); // a probe, retransmissions
  const tx = sum(rate(1000, 0, diesAt + 20), ...again);
  const [first] = findings({ rx: rate(500, 0, diesAt), tx, forMs: 12_000 });
  assert.equal(first?.what, 'silent');
  assert.ok(first.ms - diesAt <= 350, `noticed ${first.ms - diesAt} ms after the death`);
});

test('broadcasts and ARP that still arrive on a dead line do not hide its silence', () => {
  const noise = rate(15);
  const rx = sum(rate(100, 0, diesAt), noise);
  const [first] = findings({ rx, tx: flow, forMs: 12_000 });
  assert.equal(first?.what, 'silent');
  assert.ok(first.ms - diesAt <= 300, `noticed ${first.ms - diesAt} ms after the death`);
});

test('a gap that is usual raises an alarm at most a few times a minute, and only while it is new', () => {
  // A radio that pauses for 0.15 s every two seconds.
  const rx: Totals = (ms) => flow(ms - Math.max(0, (ms % 2000) - 1850));
  const found = findings({ rx, tx: flow, forMs: 60_000 }).filter(({ what }) => what === 'silent');
  assert.ok(found.length <= 4, `${found.length} alarms a minute`);
});

test('counters that begin again, as those of a device created again or of 32 bits, are no silence', () => {
  const wrap =
    (totals: Totals): Totals =>
    (ms) =>
      totals(ms) % 1024;
  assert.deepEqual(findings({ rx: wrap(flow), tx: flow, forMs: 60_000 }), []);
  assert.deepEqual(findings({ rx: flow, tx: wrap(flow), forMs: 60_000 }), []);
});

test('a time without samples is no silence, however little came in it', () => {
  const detector = new SilenceDetector();
  findings({ rx: flow, tx: flow, forMs: 10_000 }, detector);
  assert.equal(detector.isBusy, true);
  assert.equal(detector.take(12_000, { rx: 1000, tx: 1150 }, 400), undefined);
  assert.equal(detector.take(12_050, { rx: 1000, tx: 1155 }, 400), undefined, 'learning begins again');
});

test('a device is busy only while packets come and go', () => {
  const detector = new SilenceDetector();
  findings({ rx: flow, tx: rate(1), forMs: 10_000 }, detector);
  assert.equal(detector.isBusy, false);
});
