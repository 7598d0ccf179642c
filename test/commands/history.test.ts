import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { history } from '../../src/commands/history.ts';
import { exampleDecision, now } from '../report/example.ts';
import { listener, withDaemon } from './daemon.ts';

const decisions = () =>
  Array.from({ length: 60 }, (_, n) => exampleDecision({ at: now + n * 1000, sentence: `decision ${n}` }));

describe('history()', () => {
  test('prints the newest fifty, newest last', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({ decisions }, () => history(options)), 0);
    const told = out.join('\n').match(/decision \d+/g);
    assert.deepEqual(
      told,
      Array.from({ length: 50 }, (_, n) => `decision ${n + 10}`),
    );
    assert.match(
      out.join('\n'),
      /^2026-11-\d\d \d\d:\d\d:\d\d {2}decision 10\n {21}failover: lte is down: no answer$/m,
    );
  });

  test('prints as many as asked for, as JSON', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({ decisions }, () => history({ ...options, json: true, limit: '2' })), 0);
    assert.deepEqual(JSON.parse(out.join('\n')), decisions().slice(-2));
  });

  test('says so when there is nothing', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({ decisions: () => [] }, () => history(options)), 0);
    assert.deepEqual(out, ['Nothing has been decided yet.']);
  });

  test('refuses a limit that is none, and ends with 1 without a daemon', async () => {
    const { options, err } = listener();
    for (const limit of ['0', '-1', '1.5', 'junk']) assert.equal(await history({ ...options, limit }), 1);
    assert.match(err[0] ?? '', /--limit must be a whole number, at least 1, not "0"/);
    assert.equal(await withDaemon(undefined, () => history(options)), 1);
    assert.match(err.at(-1) ?? '', /no daemon is running/);
  });
});
