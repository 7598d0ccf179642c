import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '../../src/commands/status.ts';
import { exampleSnapshot } from '../report/example.ts';
import { listener, withDaemon } from './daemon.ts';

describe('status()', () => {
  test('prints the page of a running daemon', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({}, () => status(undefined, options)), 0);
    assert.match(out.join('\n'), /^● fibre +eth1 +reliable, 4\.2 ms +▪/m);
  });

  test('prints the snapshot itself as JSON', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({}, () => status(undefined, { ...options, json: true })), 0);
    const sentence = 'The internet works: IPv4 goes through fibre since ';
    const report = JSON.parse(out.join('\n'));
    assert.ok(report.sentence.startsWith(sentence), report.sentence);
    assert.deepEqual(
      { ...report, sentence },
      {
        ...{ condition: 'degraded', sentence },
        ...JSON.parse(JSON.stringify(exampleSnapshot())),
      },
    );
  });

  test('ends with 1 and says what to do when no daemon runs', async () => {
    const { options, out, err } = listener();
    assert.equal(await withDaemon(undefined, () => status(undefined, options)), 1);
    assert.deepEqual(out, []);
    assert.match(err.join('\n'), /^failover: no daemon is running: .* Start the /);
    assert.equal(await withDaemon(undefined, () => status(undefined, { ...options, json: true })), 1);
    assert.match(JSON.parse(out.join('\n')).problem, /^no daemon is running/);
  });

  test('watches until it is told to stop, over the death and return of the daemon', async () => {
    const { options, out, err } = listener();
    const stop = new AbortController();
    let asked = 0;
    const snapshot = () => {
      asked += 1;
      if (asked === 2) throw new Error('not now');
      if (asked === 3) stop.abort();
      return exampleSnapshot({ pid: asked });
    };
    const watching = () => status(undefined, { ...options, json: true, watch: true, signal: stop.signal });
    assert.equal(await withDaemon({ snapshot }, watching), 0);
    assert.deepEqual(
      out.map((line) => JSON.parse(line).pid),
      [1, 3],
    );
    assert.match(err.join('\n'), /not now/);
  });
});
