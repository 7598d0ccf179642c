/** The private world of a lab: its own network, mounts and /run. Nothing outside is ever touched. */
import { readlink } from 'node:fs/promises';
import { run } from '../kernel/exec.ts';

/** Tunnel ends that the kernel puts into every fresh network namespace when its modules are loaded. */
const fallbackDevices = new Set([
  ...['lo', 'tunl0', 'gre0', 'gretap0', 'erspan0', 'sit0', 'ip_vti0', 'ip6_vti0', 'ip6tnl0', 'ip6gre0'],
]);

/**
 * Makes sure that the current network namespace is fresh, and that the mounts are not the machine's.
 * @throws {Error} naming what was found, and how to start in a private world
 */
export async function refuseForeignNetwork(): Promise<void> {
  const found = [...(await foreignDevices()), ...(await foreignRoutes()), ...(await sharedMounts())];
  if (found.length === 0) return;
  throw new Error(
    `A lab is built only in a fresh network namespace, but this one has ${found.slice(0, 4).join(', ')}. ` +
      `Start it with: ${[...ownWorld(false), 'sh'].join(' ')}`,
  );
}

/** Hides the machine's /run, and with it /run/netns, behind an empty one. Only inside a private world. */
export async function coverRun(): Promise<void> {
  await refuseForeignNetwork();
  const outcome = await run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  if (outcome.code !== 0) throw new Error(`A private /run could not be mounted: ${outcome.stderr.trim()}`);
}

/**
 * The words to put before a command so that it runs in a private world: as root, or as an unprivileged user
 * where user namespaces are allowed. With `bound`, the command gets SIGTERM when its parent dies.
 */
export function ownWorld(bound: boolean): readonly string[] {
  const unshare = ['unshare', '--net', '--mount', '--propagation', 'private'];
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return [...unshare, ...asRoot, ...(bound ? ['setpriv', '--pdeathsig', 'TERM'] : [])];
}

async function foreignDevices(): Promise<readonly string[]> {
  const { stdout } = await run('ip', ['-o', 'link', 'show']);
  const links = stdout.split('\n').filter((line) => line !== '');
  return links.flatMap((line) => {
    const name = /^\d+: ([^:@]+)/.exec(line)?.[1] ?? line;
    const quiet = fallbackDevices.has(name) && (name === 'lo' || !/<[^>]*\bUP\b/.test(line));
    return quiet ? [] : [`device ${name}`];
  });
}

async function foreignRoutes(): Promise<readonly string[]> {
  const [four, six] = await Promise.all([
    run('ip', ['-4', 'route', 'show', 'table', 'all']),
    run('ip', ['-6', 'route', 'show', 'table', 'all']),
  ]);
  const routes = `${four.stdout}${six.stdout}`.split('\n').map((line) => line.trim());
  return routes.filter((line) => line !== '' && !/ dev lo( |$)/.test(line)).map((line) => `route "${line}"`);
}

/** Names in /run/netns would leak into the machine's own /run if we shared its mounts. */
async function sharedMounts(): Promise<readonly string[]> {
  const [own, first] = await Promise.all([readMountNamespace('self'), readMountNamespace('1')]);
  return own !== undefined && own === first ? ["the machine's own mounts"] : [];
}

async function readMountNamespace(pid: string): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/ns/mnt`);
  } catch {
    // an unprivileged user may not inspect the first process: then its namespace is not known
    return undefined;
  }
}
