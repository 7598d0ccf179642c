import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Modem } from '../../../models/modem.ts';
import { ModemWatcher } from '../../../src/watch/modems/modem-watcher.ts';
import { until } from '../../support/until.ts';

const modem: Modem = { devices: ['wwan0'], state: 'connected' };

/** A watcher of what `answer` gives, which is asked every 10 ms while all is well. */
function watched(answer: () => readonly Modem[]) {
  const found = { modems: [] as (readonly Modem[])[], troubles: [] as string[], asked: 0 };
  const watcher = new ModemWatcher({
    modems: (modems) => found.modems.push(modems),
    trouble: (message) => found.troubles.push(message),
    ask: async () => {
      found.asked += 1;
      return answer();
    },
    usualMs: 10,
  });
  after(() => watcher.close());
  return { found, watcher };
}

test('only changes are reported', async () => {
  let state = 'connected';
  const { found, watcher } = watched(() => [{ ...modem, state }]);
  watcher.watch(['wwan0']);
  await until(() => found.asked > 5, 'questions');
  assert.deepEqual(found.modems, [[modem]]);
  state = 'searching';
  await until(() => found.modems.length === 2, 'the change');
  watcher.close();
  const { asked } = found;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(found.asked <= asked + 1);
});

test('where there is no ModemManager nothing is said, and it is asked less and less often', async () => {
  const { found, watcher } = watched(() => {
    throw new Error('no bus');
  });
  const from = performance.now();
  watcher.watch(['eth1']);
  await until(() => found.asked >= 4, 'questions');
  assert.ok(performance.now() - from >= 2 * (10 + 20 + 40) - 10, 'it was asked too often');
  assert.deepEqual([found.modems, found.troubles], [[], []]);
  watcher.watch(['eth1', 'wwan0']); // a device appeared
  const { asked } = found;
  await until(() => found.asked > asked, 'another question');
});

test('modems of which nothing is known any more are reported once', async () => {
  let isThere = true;
  const { found, watcher } = watched(() => {
    if (!isThere) throw new Error('it has ended');
    return [modem];
  });
  watcher.watch(['wwan0']);
  await until(() => found.modems.length === 1, 'the modem');
  isThere = false;
  await until(() => found.modems.length === 2, 'its end');
  const { asked } = found;
  await until(() => found.asked > asked + 1, 'more questions');
  assert.deepEqual(found.modems.at(-1), []);
  assert.deepEqual(found.troubles, ['the state of modems is not known any more: it has ended']);
});
