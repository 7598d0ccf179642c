import type { Family } from '../../models/path.ts';
import { nearest } from '../config/nearest.ts';
import { readConfig } from '../config/read-config.ts';
import { type Firewall, firewallFor } from '../core/firewall/firewall.ts';
import { iptablesText } from '../core/firewall/iptables.ts';
import { nftablesText } from '../core/firewall/nftables.ts';
import { type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { badConfig } from './support/configuration.ts';

/** Options of `failover generate`. */
export interface GenerateOptions extends OutputOptions {
  readonly config?: string;
}

const forms = new Map<string, (firewall: Firewall) => string>([
  ['nftables', nftablesText],
  ['iptables', (firewall) => iptablesText(firewall, 4)],
  ['ip6tables', (firewall) => iptablesText(firewall, 6)],
]);

/**
 * `failover generate FORM`: prints rules for the operator's own firewall that keep each connection on its
 * provider. Changes nothing.
 */
export async function generate(form: string, options: GenerateOptions): Promise<number> {
  const output = outputOf(options);
  const write = forms.get(form);
  if (write === undefined) {
    const meant = nearest(form, [...forms.keys()]);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return refuse(output, `"${form}" cannot be generated, only ${[...forms.keys()].join(', ')}${hint}`);
  }
  const firewall = await firewallOf(options.config);
  if (typeof firewall === 'string') return refuse(output, firewall, badConfig);
  if (firewall.uplinks.length === 0)
    return refuse(output, ['there is no provider to make rules for:', ...firewall.remarks].join('\n  '));
  const text = write(firewall);
  output.print(output.json ? JSON.stringify({ ok: true, form, text }, null, 2) : text.trimEnd());
  return 0;
}

/** The rules that the configuration calls for, or what is wrong with it. */
async function firewallOf(file: string | undefined): Promise<Firewall | string> {
  const found = await readConfig(file);
  if (!found.ok) return found.complaint;
  const { config, sources } = found;
  const { lan, dmz } = config.downlinks;
  if (lan.length + dmz.length === 0)
    return `${found.file} does not name your internal networks: set downlinks: { lan: ['eth0'] }, the interfaces they are on`;
  return firewallFor(config, (index: number, family: Family) => {
    const key = family === 4 ? 'nat' : 'ipv6Nat';
    return sources[`providers[${index}].${key}`] === 'config';
  });
}
