import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetAside } from '../../../src/probes/own/set-aside.ts';

const minute = 60_000;

test('SetAside sets aside for a minute, then for twice as long each time, up to an hour', () => {
  const aside = new SetAside();
  let now = 0;
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    const forMs = aside.add('a', 'it hangs', now);
    times.push(forMs / minute);
    assert.equal(aside.why('a', now + forMs - 1), 'it hangs');
    now += forMs;
    assert.equal(aside.why('a', now), undefined, 'tried again');
  }
  assert.deepEqual(times, [1, 2, 4, 8, 16, 32, 60, 60]);
});

test('SetAside begins with a minute again after it went well for as long as it was set aside', () => {
  const aside = new SetAside();
  aside.add('a', 'it hangs', 0);
  assert.equal(aside.add('a', 'it hangs', minute), 2 * minute);
  assert.equal(aside.add('a', 'it hangs', minute + 2 * minute + 2 * minute), minute);
});

test('SetAside keeps one apart from another', () => {
  const aside = new SetAside();
  aside.add('a', 'it hangs', 0);
  assert.equal(aside.why('b', 1), undefined);
});
