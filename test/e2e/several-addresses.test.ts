import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { Family } from '../../models/path.ts';
import { linesOf, openScene, type Scene } from './scene.ts';

const local = 'fd12:3456:789a:1::1'; // beside the ISP's own, as FRITZ!Box and OpenWrt announce it
const printer = 'fe80::99'; // a machine on the wire that is no router

const scene: Scene = await openScene({
  config: ({ isps }) => ({
    providers: isps.map(({ name, device }) => ({ id: name, interfaceName: device })),
  }),
  prepare: async (lab) => {
    // Routers name themselves by their link-local address, which says nothing about the network of ours.
    for (const { name } of lab.isps)
      await lab.run(name, ['ip', 'address', 'add', 'fe80::1/64', 'dev', 'customer', 'nodad']);
    for (const [i, { device, ends }] of lab.isps.entries()) {
      await lab.ip(`route add default via ${ends[4]?.gateway} dev ${device} proto dhcp metric ${1000 + i}`);
      await lab.ip6(`route add default via fe80::1 dev ${device} proto static metric ${3000 + i}`);
    }
    await lab.ip6(`address add ${local}/64 dev eth1 nodad`);
    await lab.run('cable', ['ip', 'address', 'add', '192.168.100.1/24', 'dev', 'customer']);
    const machine = ['link', 'customer', 'type', 'macvlan', 'mode', 'bridge'];
    await lab.run('fibre', ['ip', 'link', 'add', 'printer', ...machine]);
    await lab.run('fibre', ['ip', 'link', 'set', 'printer', 'up']);
    await lab.run('fibre', ['ip', 'address', 'add', `${printer}/64`, 'dev', 'printer', 'nodad']);
  },
});
const { lab } = scene;
after(() => scene.close());
beforeEach(() => scene.calm());

/** By which device the kernel sends packets. */
async function leavesBy(words: string, family: Family = 4): Promise<string | undefined> {
  const [first = ''] = linesOf(
    await (family === 4 ? lab.ip(`route get ${words}`) : lab.ip6(`route get ${words}`)),
  );
  return / dev (\S+)/.exec(first)?.[1];
}

/** Whether an echo from there is answered. */
async function answers(from: string, to: string): Promise<boolean> {
  const command = ['ping', '-c', '1', '-W', '5', '-I', from, to];
  return lab.run('router', command).then(
    () => true,
    () => false,
  );
}

async function follows(question: () => Promise<boolean>, what: string): Promise<void> {
  const at = Date.now();
  await scene.until(question, what, 10_000);
  assert.ok(Date.now() - at < 5000, `${what}: within about a second, not with the next resync`);
}

test('a unique local address beside that of the ISP is not what IPv6 is bound to', async () => {
  assert.equal((await scene.path('fibre', 6)).binding?.address, '2001:db8:1::1');
  const at = Date.now();
  await lab.ip6('address add fd99::7/64 dev eth1 nodad');
  await follows(async () => (await leavesBy('2600:1::1 from fd99::7', 6)) === 'eth1', 'rules of the newest');
  assert.equal((await scene.path('fibre', 6)).binding?.address, '2001:db8:1::1');
  await lab.ip6('address del fd99::7/64 dev eth1');
  await follows(async () => !(await scene.ours(6)).includes('fd99::'), 'no rules of one that is gone');
  await scene.assertUnmoved(at);
});

test('a socket bound to another address of a standby leaves by the standby', async () => {
  const before = [await scene.ours(4), await scene.ours(6)];
  const at = Date.now();
  await lab.ip('address add 10.10.2.2/24 dev eth2');
  await follows(async () => (await leavesBy('1.1.1.1 from 10.10.2.2')) === 'eth2', 'its rules');
  assert.ok(await answers('10.10.2.2', '1.1.1.1'));
  await lab.ip6('address add 2001:db8:77::5/64 dev eth2 nodad');
  await follows(
    async () => (await leavesBy('2600:1::1 from 2001:db8:77::5', 6)) === 'eth2',
    'its IPv6 rules',
  );
  await lab.ip6('address change 2001:db8:77::5/64 dev eth2 nodad preferred_lft 0');
  await lab.ip('address del 10.10.2.2/24 dev eth2');
  const isBefore = async (): Promise<boolean> => (await scene.ours(4)) === before[0];
  await follows(isBefore, 'no rules of an address that is gone');
  assert.equal(await leavesBy('2600:1::1 from 2001:db8:77::5', 6), 'eth2', 'connections from it go on');
  await lab.ip6('address del 2001:db8:77::5/64 dev eth2');
  await follows(async () => (await scene.ours(6)) === before[1], 'no rules of an IPv6 address that is gone');
  await scene.assertUnmoved(at);
});

test("a socket bound to the device reaches the modem's network, also when the line has no address", async () => {
  const before = await scene.ours(4);
  await lab.ip('address add 192.168.100.2/24 dev eth2');
  await follows(
    async () => (await scene.ours(4)).includes('192.168.100.0/24 dev eth2 table 102'),
    'its network',
  );
  assert.equal((await scene.path('cable')).binding?.address, '10.10.2.1');
  assert.ok(await answers('eth2', '192.168.100.1'));
  assert.ok(await answers('192.168.100.2', '192.168.100.1'));
  await lab.removeAddress('cable', 4);
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'no address');
  await scene.until(() => answers('eth2', '192.168.100.1'), 'the modem, as before');
  await lab.addAddress('cable', 4);
  await lab.ip('route replace default via 10.10.2.254 dev eth2 proto dhcp metric 1001');
  await scene.until(() => scene.isNow('cable', 'reliable'), 'the line');
  await lab.ip('address del 192.168.100.2/24 dev eth2');
  await follows(async () => (await scene.ours(4)) === before, 'what there was before');
});

test('link-local neighbours are reached directly, not through the gateway', async () => {
  assert.ok(await answers('eth1', printer));
  assert.match(await lab.ip6(`route get ${printer} oif eth1`), /^fe80::99 (from :: )?dev eth1 table 101/);
});

test('a tentative address is waited for, a duplicate one is not bound', async () => {
  await lab.run('router', ['tee', '/proc/sys/net/ipv6/conf/eth1/accept_dad'], '1');
  const at = Date.now();
  await lab.run('fibre', ['ip', 'address', 'add', '2001:db8:1::1/64', 'dev', 'printer', 'nodad']);
  await lab.ip6('address del 2001:db8:1::1/64 dev eth1');
  await lab.ip6('address add 2001:db8:1::1/64 dev eth1');
  const why = async (): Promise<string> => (await scene.path('fibre', 6)).why;
  await scene.until(async () => /is (still being checked|used by another)/.test(await why()), 'why not');
  await scene.until(async () => /used by another machine, too/.test(await why()), 'found to be a duplicate');
  await scene.carries('cable', 6);
  await lab.run('router', ['tee', '/proc/sys/net/ipv6/conf/eth1/accept_dad'], '0');
  await lab.run('fibre', ['ip', 'address', 'del', '2001:db8:1::1/64', 'dev', 'printer']);
  await lab.ip6('address del 2001:db8:1::1/64 dev eth1');
  await lab.ip6('address add 2001:db8:1::1/64 dev eth1 nodad');
  await scene.carries('fibre', 6);
  await scene.assertUnmoved(at, 4);
});
