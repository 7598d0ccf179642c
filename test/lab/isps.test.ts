import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import type { IspOptions } from '../../src/lab/isp.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { answers, reach } from './reach.ts';

describe('labs of other shapes', () => {
  let lab: Lab | undefined;
  afterEach(() => lab?.close());

  async function build(isps: readonly IspOptions[]): Promise<Lab> {
    lab = await createLab({ isps });
    await reach(lab);
    return lab;
  }

  test('two ISPs with the same gateway address', async () => {
    const l = await build([
      { name: 'a', ipv4: '10.0.0.1/24', gateway4: '10.0.0.254' },
      { name: 'b', ipv4: '10.0.0.2/24', gateway4: '10.0.0.254' },
    ]);
    assert.equal(await answers(l, 'eth1', '1.1.1.1'), true);
    assert.equal(await answers(l, 'eth2', '1.1.1.1'), true);
    await l.cut('a');
    assert.equal(await answers(l, 'eth1', '1.1.1.1'), false);
    assert.equal(await answers(l, 'eth2', '1.1.1.1'), true);
  });

  test('two ISPs that give the router the same address', async () => {
    const same = {
      ipv4: '10.0.0.1/24',
      gateway4: '10.0.0.254',
      ipv6: '2001:db8:7::1/64',
      gateway6: '2001:db8:7::fe',
    };
    const l = await build([
      { name: 'a', ...same },
      { name: 'b', ...same },
    ]);
    for (const device of ['eth1', 'eth2'])
      for (const target of ['1.1.1.1', '2620:fe::fe']) assert.equal(await answers(l, device, target), true);
    await l.cut('b');
    assert.equal(await answers(l, 'eth1', '1.1.1.1'), true);
    assert.equal(await answers(l, 'eth2', '1.1.1.1'), false);
  });

  test('an ISP behind a point-to-point device, with and without a carrier', async (t) => {
    try {
      await build([{ name: 'eth' }, { name: 'vpn', kind: 'tun', delayMs: 40 }]);
    } catch (error) {
      if (!/No tun device/.test(String(error))) throw error;
      return t.skip(`no point-to-point device can be made here: ${error}`);
    }
    const l = lab as Lab; // built above
    for (const target of ['1.1.1.1', '2620:fe::fe']) assert.equal(await answers(l, 'tun2', target), true);
    assert.match(await l.ip('link show tun2'), /POINTOPOINT/);
    await l.carrier('vpn', false);
    assert.match(await l.ip('link show tun2'), /NO-CARRIER/);
    await l.carrier('vpn', true);
    await l.recreateDevice('vpn');
    await reach(l);
    await l.waitFor(() => answers(l, 'tun2', '1.1.1.1'));
  });

  test('an ISP without IPv6', async () => {
    const l = await build([{ name: 'old', ipv6: false }]);
    assert.equal(await answers(l, 'eth1', '1.1.1.1'), true);
    assert.doesNotMatch(await l.ip6('address show dev eth1'), /2001:db8/);
  });

  test('twenty ISPs', async () => {
    const l = await build(Array.from({ length: 20 }, (_, i) => ({ name: `isp-${i + 1}` })));
    assert.equal(await answers(l, 'eth20', '9.9.9.9'), true);
    assert.equal(await answers(l, 'eth20', '2620:fe::fe'), true);
  });

  test('createLab() refuses names that cannot be', async () => {
    await assert.rejects(createLab({ isps: [{ name: 'router' }] }), /cannot name an ISP/);
    await assert.rejects(createLab({ isps: [{ name: 'a' }, { name: 'a' }] }), /have the name a/);
  });

  test('createLab() refuses a network that is in use, and builds nothing', async () => {
    await run('ip', ['link', 'add', 'mine', 'type', 'bridge']);
    try {
      await assert.rejects(createLab(), /only in a fresh network.*device mine.*unshare --net/s);
      assert.equal((await run('ip', ['netns', 'list'])).stdout, '');
    } finally {
      await run('ip', ['link', 'del', 'mine']);
    }
  });

  test('close() leaves no namespace and no process', async () => {
    const l = await build([{ name: 'a' }]);
    await l.flow();
    await l.close();
    assert.equal((await run('ip', ['netns', 'list'])).stdout, '');
    await l.waitFor(
      async () =>
        (await run('pgrep', ['-P', String(process.pid), '-l'])).stdout.replace(
          /\d+ (pgrep|esbuild)\n/g,
          '',
        ) === '',
    );
  });
});
