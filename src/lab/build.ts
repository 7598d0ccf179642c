import { run } from '../kernel/exec.ts';
import type { Isp } from './isp.ts';
import { must, runInside } from './namespace.ts';
import {
  spellCables,
  spellCustomerEnd,
  spellInternet,
  spellIsp,
  spellRouterEnd,
  splitFamilies,
} from './topology.ts';

/** Builds the namespaces and everything in them, except the links of tun ISPs, which their relays create. */
export async function build(isps: readonly Isp[], routerIndexOf: (isp: Isp) => number): Promise<void> {
  const namespaces = ['router', 'internet', ...isps.map((isp) => isp.name)];
  for (const namespace of namespaces) await addNamespace(namespace);
  await Promise.all([
    setRouter(),
    ...['internet', ...isps.map((isp) => isp.name)].map((namespace) => setTransit(namespace)),
  ]);
  const cables = isps.flatMap((isp) => spellCables(isp, routerIndexOf(isp)));
  await must('router', ['ip', '-batch', '-'], `${cables.join('\n')}\n`);
  await batch('internet', spellInternet(isps));
  const wired = isps.filter((isp) => isp.kind === 'ethernet');
  await batch('router', ['link set lo up', ...wired.flatMap(spellRouterEnd)]);
  await Promise.all(isps.map((isp) => buildIsp(isp)));
}

/** Runs spelled commands in a namespace, each family's in order, IPv4 first. */
export async function batch(namespace: string, commands: readonly string[]): Promise<void> {
  const { 4: four, 6: six } = splitFamilies(commands);
  await must(namespace, ['ip', '-batch', '-'], `${four.join('\n')}\n`);
  if (six.length > 0) await must(namespace, ['ip', '-6', '-batch', '-'], `${six.join('\n')}\n`);
}

/** Removes the namespaces; the kernel takes devices, routes and rules with them. */
export async function demolish(isps: readonly Isp[]): Promise<void> {
  for (const namespace of ['router', 'internet', ...isps.map((isp) => isp.name)])
    await run('ip', ['netns', 'delete', namespace]);
}

async function addNamespace(namespace: string): Promise<void> {
  const outcome = await run('ip', ['netns', 'add', namespace]);
  if (outcome.code === 0) return;
  const what = `The lab's namespace ${namespace} could not be created: ${outcome.stderr.trim()}`;
  throw new Error(`${what}. A lab needs root, or user namespaces, and its own network, mounts and /run`);
}

async function buildIsp(isp: Isp): Promise<void> {
  await batch(isp.name, isp.kind === 'tun' ? spellIsp(isp) : [...spellIsp(isp), ...spellCustomerEnd(isp)]);
  if (isp.translated) await must(isp.name, ['nft', '-f', '-'], masquerade);
}

const masquerade = `table inet translation {
  chain postrouting {
    type nat hook postrouting priority 100
    oifname "upstream" masquerade
  }
}
`;

/** Sets the router up as distributions do: loose `rp_filter`, ping sockets for every group. */
async function setRouter(): Promise<void> {
  await set('router', '2', ['ipv4/conf/default/rp_filter']);
  await set('router', '0', ['ipv4/conf/all/rp_filter', ...ipv6(['disable_ipv6', 'accept_dad'])]);
  await set('router', '1', ['ipv4/ip_forward', 'ipv6/conf/all/forwarding']);
  const everyone = await runInside('router', tee(['ipv4/ping_group_range']), { input: '0 2147483647' });
  // A user namespace maps one group only, and the kernel accepts no other.
  if (everyone.code !== 0) await set('router', '0 0', ['ipv4/ping_group_range']);
}

async function setTransit(namespace: string): Promise<void> {
  const filters = ['ipv4/conf/all/rp_filter', 'ipv4/conf/default/rp_filter'];
  await set(namespace, '0', [...filters, ...ipv6(['disable_ipv6', 'accept_dad'])]);
  await set(namespace, '1', ['ipv4/ip_forward', 'ipv6/conf/all/forwarding', ...ipv6(['keep_addr_on_down'])]);
  // A busy test's pings would hit the kernel's rate limits on replies.
  await set(namespace, '0', ['ipv4/icmp_ratelimit', 'ipv6/icmp/ratelimit']);
}

function ipv6(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`ipv6/conf/all/${name}`, `ipv6/conf/default/${name}`]);
}

/** Writes one value to several kernel settings below `net`; `tee`, as sysctl(8) is not everywhere. */
async function set(namespace: string, value: string, names: readonly string[]): Promise<void> {
  await must(namespace, tee(names), value);
}

function tee(names: readonly string[]): readonly string[] {
  return ['tee', ...names.map((name) => `/proc/sys/net/${name}`)];
}
