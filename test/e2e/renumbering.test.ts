import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { must } from '../../src/lab/namespace.ts';
import { advertise } from './advertise.ts';
import { openScene, type Scene } from './scene.ts';

const hour = 3600;
const lives = { validSeconds: 2 * hour, preferredSeconds: hour };
const withdrawn = { validSeconds: 2 * hour, preferredSeconds: 0 };

/** The addresses of eth1 with this flag, or without. */
const shown = (flag: string): Promise<string> =>
  must('router', ['ip', '-6', 'address', 'show', 'dev', 'eth1', flag]);

/** fibre's IPv6 comes from router advertisements, and an address takes a second to be found nobody else's. */
const scene: Scene = await openScene({
  prepare: async (lab) => {
    const set = (name: string, value: string): Promise<unknown> =>
      lab.run('router', ['tee', `/proc/sys/net/ipv6/conf/eth1/${name}`], value);
    await set('accept_ra', '2'); // it forwards
    await set('accept_dad', '1');
    await lab.removeAddress('fibre', 6);
    await lab.ip6('address add fd12:3456:789a:1::1/64 dev eth1 nodad'); // it is there all the time
    for (const prefix of ['2001:db8:71::', '2001:db8:72::', '2001:db8:73::']) {
      await lab.run('fibre', ['ip', 'address', 'add', `${prefix}fe/64`, 'dev', 'customer', 'nodad']);
      await lab.run('internet', ['ip', '-6', 'route', 'add', `${prefix}/64`, 'via', 'fd64:1::1']);
    }
    await advertise(lab, 'fibre', [{ prefix: '2001:db8:71::', ...lives }]);
    const isThere = async (): Promise<boolean> => (await shown('-tentative')).includes('2001:db8:71:');
    await lab.waitFor(isThere, { timeoutMs: 20_000 });
  },
  config: (lab) => {
    const [fibre, cable = {}] = lab.config().providers;
    const { ipv6Address: _, ipv6Network: __, ipv6Gateway: ___, ...four } = fibre ?? {};
    return { providers: [four, cable] };
  },
});
const { lab } = scene;
after(() => scene.close());

const address = async (): Promise<string> => (await scene.path('fibre', 6)).binding?.address ?? '';

async function boundIn(prefix: string): Promise<void> {
  await scene.until(async () => (await address()).startsWith(prefix), `an address of ${prefix} bound`);
}

test('a prefix that replaces another is bound, and the line goes on all the time', async () => {
  await boundIn('2001:db8:71:');
  const at = Date.now();
  await advertise(lab, 'fibre', [
    { prefix: '2001:db8:71::', ...withdrawn },
    { prefix: '2001:db8:72::', ...lives },
  ]);
  await boundIn('2001:db8:72:');
  await scene.until(() => scene.isNow('fibre', 'reliable', 6), 'trusted again');
  await scene.carries('fibre', 6);
  await scene.assertUnmoved(at);
  const rules = await scene.ours(6);
  assert.match(rules, /from 2001:db8:72::\/64 lookup 101/);
  assert.match(
    rules,
    /from 2001:db8:71::\/64 lookup 101/,
    'connections from the old one still leave by fibre',
  );
});

test('a prefix that is announced beside another changes nothing', async () => {
  const at = Date.now();
  const before = await address();
  await advertise(lab, 'fibre', [
    { prefix: '2001:db8:72::', ...lives },
    { prefix: '2001:db8:73::', ...lives },
  ]);
  await scene.until(async () => (await scene.ours(6)).includes('from 2001:db8:73::/64'), 'its rules');
  assert.equal(await address(), before);
  await scene.assertUnmoved(at);
});

test('a prefix delegated to the LAN is no address of the line', async () => {
  const at = Date.now();
  await lab.ip('link add lan0 type veth peer name lan1');
  await lab.ip6('route add unreachable 2001:db8:7f00::/56 dev lo proto dhcp');
  await lab.ip6('address add 2001:db8:7f00:1::1/64 dev lan0 nodad');
  await lab.ip('link set lan0 up', 'link set lan1 up');
  const before = await address();
  await lab.ip6('address change 2001:db8:7f00:1::1/64 dev lan0 nodad preferred_lft 0');
  await lab.ip6('address add 2001:db8:7f00:2::1/64 dev lan0 nodad');
  await lab.carrier('cable', false); // noticed after that
  await scene.until(() => scene.isNow('cable', 'unreliable', 6), 'no carrier');
  assert.equal(await address(), before);
  assert.ok(!(await scene.ours(6)).includes('2001:db8:7f00:'));
  await lab.carrier('cable', true);
  await scene.assertUnmoved(at);
});

test('a prefix withdrawn without another is used as long as it works, and left once it does not', async () => {
  await scene.calm();
  const at = Date.now();
  await advertise(lab, 'fibre', [
    { prefix: '2001:db8:72::', ...withdrawn },
    { prefix: '2001:db8:73::', ...withdrawn },
  ]);
  await scene.until(async () => (await shown('deprecated')).includes('2001:db8:72:'), 'deprecated');
  const checks = (await scene.path('fibre', 6)).consecutiveSucceeded;
  await scene.until(
    async () => (await scene.path('fibre', 6)).consecutiveSucceeded > checks + 5,
    'more checks',
  );
  await scene.assertUnmoved(at);
  await lab.run('internet', ['ip', '-6', 'route', 'del', '2001:db8:72::/64', 'via', 'fd64:1::1']);
  await scene.carries('cable', 6);
  await advertise(lab, 'fibre', [{ prefix: '2001:db8:71::', ...lives }]);
  await boundIn('2001:db8:71:');
  await scene.carries('fibre', 6);
  assert.deepEqual(await scene.switches(at, 6), ['fibre → cable', 'cable → fibre']);
  await scene.assertUnmoved(at, 4);
});
