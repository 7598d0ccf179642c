import { run } from '../../kernel/exec.ts';
import type { Removal } from './removal.ts';

/** Our rules, routes and nexthop objects in the kernel. */
export async function kernelLeftovers(): Promise<Removal[]> {
  const families = [4, 6] as const;
  const rules = await Promise.all(families.map(ruleLeftovers));
  const routes = await Promise.all(families.map(routeLeftovers));
  return [...rules.flat(), ...(await nexthopLeftovers()), ...routes.flat(), ...(await markLeftovers())];
}

/**
 * Lookups of our tables go first, then the rules that skip those: no packet meets a table that it did not
 * before.
 */
async function ruleLeftovers(family: 4 | 6): Promise<Removal[]> {
  const listing = await run('ip', ['-N', `-${family}`, '-o', 'rule', 'show', 'protocol', '77']);
  const lines = listing.stdout.split('\n').filter((line) => / proto(col)? 77\b/.test(line));
  if (lines.length === 0) return [];
  const order = (line: string): number => (/ goto /.test(line) ? 1 : / lookup 254\b/.test(line) ? 2 : 0);
  const prefs = lines.toSorted((a, b) => order(a) - order(b)).map((line) => Number.parseInt(line, 10));
  const input = prefs.map((pref) => `rule del pref ${pref} protocol 77\n`).join('');
  return [
    withdrawal(`${lines.length} IPv${family} rules`, 'ip', [`-${family}`, '-force', '-batch', '-'], input),
  ];
}

async function routeLeftovers(family: 4 | 6): Promise<Removal[]> {
  const { stdout } = await run('ip', [`-${family}`, '-o', 'route', 'show', 'table', 'all', 'proto', '77']);
  const count = stdout.split('\n').filter((line) => line.trim() !== '').length;
  const flush = [`-${family}`, 'route', 'flush', 'table', 'all', 'proto', '77'];
  return count === 0 ? [] : [withdrawal(`${count} IPv${family} routes`, 'ip', flush)];
}

/**
 * Their routes go with them; `ip route flush` cannot remove those ("Invalid argument", iproute2 6.1). A
 * kernel without such objects lists none.
 */
async function nexthopLeftovers(): Promise<Removal[]> {
  const { stdout } = await run('ip', ['nexthop', 'show', 'proto', '77']);
  const count = stdout.split('\n').filter((line) => line.startsWith('id ')).length;
  return count === 0
    ? []
    : [withdrawal(`${count} nexthop objects`, 'ip', ['nexthop', 'flush', 'proto', '77'])];
}

/** Our nftables table: it goes last, and without our rules and routes its marks have no effect. */
async function markLeftovers(): Promise<Removal[]> {
  // without nft there can be none
  const listing = await run('nft', ['list', 'tables']).catch(() => undefined);
  if (!/^table inet failover$/m.test(listing?.stdout ?? '')) return [];
  return [withdrawal('the nftables table inet failover', 'nft', ['delete', 'table', 'inet', 'failover'])];
}

function withdrawal(what: string, program: string, args: readonly string[], input?: string): Removal {
  return {
    what,
    undo: async () => {
      const { code, stderr } = await run(program, args, input === undefined ? {} : { input });
      if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`);
    },
  };
}
