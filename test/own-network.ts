import { readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run, runInTerminal } from '../src/kernel/exec.ts';

const mark = 'FAILOVER_OWN_NETWORK'; // holds the namespace that was made for this process

/** An empty network, no named namespaces, and ping sockets for whoever we are in here. */
const prepare = `mount -t tmpfs tmpfs /run
mkdir /run/netns
ip link set lo up
echo '0 0' > /proc/sys/net/ipv4/ping_group_range
${mark}=$(readlink /proc/self/ns/net)
export ${mark}
exec "$@"`;

/**
 * Makes sure that a test file runs in a network namespace of its own, with a `/run` of its own: `const skip = await
 * ownNetwork(import.meta.url)` at its top runs the file again in one, forwards what it prints and its exit status, and
 * never returns. In there it returns false. Where the rights are missing, it returns the reason to skip.
 */
export async function ownNetwork(testFile: string): Promise<string | false> {
  if (inOwnNetwork()) return false;
  const program = ['unshare', ...namespaces(), 'sh', '-ec', prepare, 'own-network'];
  const refusal = await whyNot(program);
  if (refusal !== undefined) return refusal;
  const file = [process.execPath, ...process.execArgv, fileURLToPath(testFile)];
  const [unshare = '', ...args] = [...program, ...file];
  process.exit(await runInTerminal(unshare, args));
}

/** Whether this process is in the namespace that was made for it, and not in one it inherited the mark from. */
export function inOwnNetwork(): boolean {
  return process.env[mark] === readlinkSync('/proc/self/ns/net');
}

function namespaces(): string[] {
  const root = process.getuid?.() === 0;
  return [...(root ? [] : ['--user', '--map-root-user']), '--net', '--mount', '--propagation', 'private'];
}

async function whyNot([unshare = '', ...args]: readonly string[]): Promise<string | undefined> {
  const help =
    'run as root, or allow user namespaces (sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0), with iproute2 and util-linux installed';
  try {
    const { code, stderr } = await run(unshare, [...args, 'true']);
    return code === 0 ? undefined : `no network of its own can be made (${stderr.trim()}): ${help}`;
  } catch (error) {
    return `no network of its own can be made (${String(error)}): ${help}`;
  }
}
