import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Store } from '../../src/daemon/store.ts';
import { StoreSchedule } from '../../src/daemon/store-schedule.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-keeper-'));
after(() => rmSync(folder, { recursive: true }));

/** A keeper whose clock is ours; `ticks` lets seconds go by, and returns those in which it wrote. */
async function open(place = folder) {
  const [store] = await Store.open(place, 0, () => undefined);
  let now = 100_000;
  let writes = 0;
  const keeper = new StoreSchedule(store, () => {
    writes += 1;
    return { savedAt: now, memory: undefined, history: [], sysctls: {} };
  });
  keeper.save();
  const ticks = (seconds: number): number[] => {
    const written: number[] = [];
    for (let second = 1; second <= seconds; second += 1) {
      now += 1000;
      const before = writes;
      keeper.saveIfDue(now);
      if (writes > before) written.push(second);
    }
    return written;
  };
  return { keeper, ticks, writes: () => writes };
}

test('saveIfDue() writes ever less often while nothing is decided, at last once a minute', async () => {
  const { keeper, ticks } = await open();
  assert.deepEqual(ticks(300), [3, 9, 21, 45, 93, 153, 213, 273]);
  await keeper.flush();
});

test('saveSoon() writes several decisions at once, and the windows again soon after', async () => {
  const { keeper, ticks, writes } = await open();
  ticks(300);
  const before = writes();
  keeper.saveSoon();
  keeper.saveSoon();
  for (let waited = 0; writes() === before && waited < 5000; waited += 20) await sleep(20);
  assert.equal(writes(), before + 1);
  assert.deepEqual(ticks(10), [3, 9]);
  await keeper.flush();
});

test('saveIfDue() tries again soon while the state cannot be written', async () => {
  const place = join(folder, 'blocked');
  const { keeper, ticks } = await open(place);
  await keeper.flush();
  ticks(300);
  rmSync(join(place, 'state.json'));
  mkdirSync(join(place, 'state.json')); // nothing can take its place
  keeper.save();
  await keeper.flush();
  assert.deepEqual(ticks(3), [3]);
  await keeper.flush();
  assert.deepEqual(ticks(3), [3]);
  await keeper.flush();
});
