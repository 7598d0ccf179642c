import '../../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Binding } from '../../../models/path.ts';
import { run } from '../../../src/kernel/exec.ts';
import { chooseEcho } from '../../../src/probes/echo/choose-echo.ts';
import { ip } from '../../support/ip.ts';
import { assertPassed, eth1, newLink, once, removeLink } from './eth1.ts';

/** What a process of its own chooses in a fresh network namespace, where ping sockets are permitted to nobody. */
async function chosenIn(...setpriv: string[]): Promise<{ means: string; reason: string }> {
  const script = `import { chooseEcho } from './src/probes/echo/choose-echo.ts';
    const { means, reason } = chooseEcho();
    console.log(JSON.stringify({ means, reason }));`;
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
  const { stdout, stderr } = await run('unshare', ['--net', 'setpriv', ...setpriv, ...node], {
    timeoutMs: 20_000,
  });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

describe('chooseEcho()', () => {
  before(async () => {
    await ip('netns add far');
    await newLink();
  });
  after(removeLink);

  test('uses raw sockets where ping sockets are not permitted', async () => {
    const reason = 'net.ipv4.ping_group_range does not include our group';
    assert.deepEqual(await chosenIn('--'), { means: 'raw sockets', reason });
    assert.equal(chooseEcho().means, 'ping sockets');
  });

  test('uses the ping program where neither kind of socket is permitted', async () => {
    const { means, reason } = await chosenIn('--bounding-set', '-net_raw', '--');
    assert.equal(means, 'ping program');
    assert.match(reason, /ping_group_range .*; raw sockets need CAP_NET_RAW: give it, or run sysctl -w /);
    const chosen = chooseEcho(() => reason);
    for (const [family, target] of [
      [4, '10.1.1.2'],
      [6, 'fd01::2'],
    ] as const) {
      const bound = chosen.bind(family, await eth1(family));
      assertPassed(await once(bound, target));
      bound.release();
    }
  });

  test('changes over when another means becomes permitted, and back', async (context) => {
    const permitted = new Set<string>();
    let waitedMs = 0;
    const { now } = performance;
    context.mock.method(performance, 'now', () => now.call(performance) + waitedMs);
    const chosen = chooseEcho((kind) => (permitted.has(kind) ? undefined : 'not permitted'));
    const bound = chosen.bind(4, await eth1(4));
    for (const [means, change] of [
      ['ping program', () => permitted.add('raw icmp')],
      ['raw sockets', () => permitted.add('icmp')],
      ['ping sockets', () => permitted.delete('icmp')],
      ['raw sockets', () => permitted.clear()],
      ['ping program', () => undefined],
    ] as const) {
      assertPassed(await once(bound, '10.1.1.2'));
      assert.equal(chosen.means, means);
      change();
      waitedMs += 31_000;
    }
    bound.release();
  });

  test('the ping program says what is wrong', async () => {
    const program = chooseEcho(() => 'for this test');
    const binding = await eth1(4);
    const tried = (change: Partial<Binding>, target: string, timeoutMs = 10_000) =>
      once(program.bind(4, { ...binding, ...change }), target, timeoutMs);
    const failure = (reason: string) => ({ ok: false, code: 'not-run', reason });
    assert.deepEqual(
      await tried({ interfaceName: 'eth9' }, '10.1.1.2'),
      failure('interface eth9 is missing'),
    );
    assert.deepEqual(
      await tried({ address: '10.9.9.9' }, '10.1.1.2'),
      failure('address 10.9.9.9 is gone from eth1'),
    );
    assert.deepEqual(await tried({}, '10.1.1.77', 300), {
      ok: false,
      code: 'no-answer',
      afterMs: 300,
      reason: 'no answer within 300 ms',
    });
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    const missing = await tried({}, '10.1.1.2');
    process.env['PATH'] = path;
    assert.match(missing.ok ? '' : missing.reason, /install iputils-ping/);
    assert.equal(missing.ok ? undefined : missing.code, 'not-run');
  });
});
