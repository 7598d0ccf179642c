/** The default routes and the rules of others, as the kernel has them now. */
import { existsSync } from 'node:fs';
import type { Links } from '../../models/link.ts';
import type { Family } from '../../models/path.ts';
import { run } from '../kernel/exec.ts';
import { readDefaults } from './read-links.ts';
import { readForeignRules } from './read-rules.ts';

/**
 * Reads them. A process of its own each time: with a full BGP table the kernel sends 100,000 routes for it to filter.
 * @throws {Error} when `ip` cannot be run
 */
export async function readForeign(): Promise<Required<Pick<Links, 'defaults' | 'rules'>>> {
  const hasSix = existsSync('/proc/net/if_inet6'); // not with ipv6.disable=1
  const found = await Promise.all((hasSix ? ([4, 6] as const) : ([4] as const)).map(readFamily));
  return {
    defaults: found.flatMap(({ defaults }) => defaults),
    rules: found.flatMap(({ rules }) => rules),
  };
}

async function readFamily(family: Family): Promise<Required<Pick<Links, 'defaults' | 'rules'>>> {
  const input = 'route show default table all\nrule show\n';
  const [routes = '[]', rules = '[]'] = (await show(['-N', '-j', `-${family}`, '-batch', '-'], input)).split(
    '\n',
  );
  const rows: unknown = JSON.parse(rules);
  return {
    defaults: readDefaults(family, routes),
    rules: readForeignRules(family, Array.isArray(rows) ? rows : []),
  };
}

/**
 * The output of `ip`. @throws {Error} when it fails: empty output would then be mistaken for an empty list
 */
export async function show(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await run('ip', args, input === undefined ? {} : { input });
  if (code === 0) return stdout;
  const what = [...args, ...(input === undefined ? [] : [`(${input.trim().replaceAll('\n', '; ')})`])].join(
    ' ',
  );
  throw new Error(`ip ${what}: ${stderr.trim().split('\n')[0] || `it ended with ${code}`}`);
}
