import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceLoad } from '../../../src/core/state/load.ts';
import { start } from '../example.ts';

const dayMs = 86_400_000;

/** Carries this much for some seconds, then nothing. Returns after how many it was full. */
function carry(
  load: DeviceLoad,
  from: number,
  seconds: number,
  { sent = 0, received = 0 },
): number | undefined {
  load.note(from, { sent, received });
  let fullAfter: number | undefined;
  for (let second = 1; second <= seconds; second += 1) {
    load.advance(from + second * 1000);
    if (load.full !== undefined && load.full.at >= from) fullAfter ??= second;
  }
  load.note(from + seconds * 1000, { sent: 0, received: 0 });
  return fullAfter;
}

test('a line is full at four fifths of the most that it carried for some time', () => {
  const load = new DeviceLoad(start);
  const first = carry(load, start, 60, { sent: 20e6 });
  assert.ok(
    first !== undefined && first >= 5 && first <= 15,
    `nothing is claimed at first, then after ${first} s`,
  );
  carry(load, start + 60_000, 60, { sent: 1e6 });
  const idleFrom = start + 121_000;
  assert.equal(carry(load, idleFrom, 30, { sent: 15e6 }), undefined);
  load.note(idleFrom + 31_000, { sent: 18e6, received: 0 });
  const { full } = load;
  assert.deepEqual(
    { ...full, peak: Math.round((full?.peak ?? 0) / 1e6) },
    {
      at: idleFrom + 31_000,
      direction: 'sent',
      rate: 18e6,
      peak: 20,
    },
  );
});

test('each direction has a peak of its own', () => {
  const load = new DeviceLoad(start);
  carry(load, start, 60, { sent: 5e6, received: 100e6 });
  load.note(start + 100_000, { sent: 4.5e6, received: 1e6 });
  assert.equal(load.full?.direction, 'sent');
  load.note(start + 101_000, { sent: 1e6, received: 90e6 });
  assert.equal(load.full?.direction, 'received');
});

test('an instant is no peak, and a trickle no load', () => {
  const load = new DeviceLoad(start);
  carry(load, start, 60, { sent: 10e6 });
  carry(load, start + 60_000, 1, { sent: 900e6 });
  const laterFrom = start + 90_000;
  load.note(laterFrom, { sent: 10e6, received: 0 });
  assert.ok(
    (load.full?.at ?? 0) < laterFrom,
    'a second of far more makes a peak of a part of it, to be proven',
  );
  const little = new DeviceLoad(start);
  assert.equal(carry(little, start, 600, { sent: 400_000 }), undefined);
});

test('a peak is forgotten after seven days, in which smaller ones took its place', () => {
  const load = new DeviceLoad(start);
  carry(load, start, 60, { sent: 100e6 });
  carry(load, start + dayMs, 60, { sent: 20e6 });
  load.note(start + 6 * dayMs, { sent: 20e6, received: 0 });
  assert.ok((load.full?.at ?? 0) < start + 6 * dayMs);
  load.note(start + 6.9 * dayMs, { sent: 0, received: 0 });
  carry(load, start + 7.5 * dayMs, 20, { sent: 20e6 });
  assert.equal(Math.round((load.full?.peak ?? 0) / 1e6), 20);
});

test('another run knows the peaks of this one, as long as they are not older than that', () => {
  const load = new DeviceLoad(start);
  carry(load, start, 60, { sent: 20e6 });
  load.note(start + 61_000, { sent: 0, received: 0 });
  const at = start + 2 * dayMs;
  const next = new DeviceLoad(at, load.memory());
  next.note(at, { sent: 19e6, received: 0 });
  assert.equal(next.full?.rate, 19e6);
  const late = new DeviceLoad(start + 8 * dayMs, load.memory());
  late.note(start + 8 * dayMs, { sent: 19e6, received: 0 });
  assert.equal(late.full, undefined);
});

test('a rate is not believed for longer than it was seen', () => {
  const load = new DeviceLoad(start);
  carry(load, start, 60, { sent: 20e6 });
  load.note(start + 60_000, { sent: 20e6, received: 0 });
  load.advance(start + dayMs); // nobody looked
  assert.ok((load.full?.peak ?? 0) <= 20e6);
});

test('what a line carries all the time is not the most that it can carry', () => {
  const load = new DeviceLoad(start);
  const hours = 3;
  assert.notEqual(carry(load, start, 60, { sent: 4e6 }), undefined, 'at first it may be an upload');
  for (let second = 60; second <= hours * 3600; second += 1) {
    load.note(start + second * 1000, { sent: 4e6, received: 0 });
  }
  const then = start + hours * 3_600_000 + 1000;
  assert.equal(carry(load, then, 60, { sent: 4e6 }), undefined, 'a camera');
  const again = new DeviceLoad(then + 61_000, load.memory());
  assert.equal(carry(again, then + 62_000, 60, { sent: 4e6 }), undefined, 'known after a restart');
  assert.notEqual(carry(again, then + 130_000, 60, { sent: 20e6 }), undefined, 'a real upload besides');
});
