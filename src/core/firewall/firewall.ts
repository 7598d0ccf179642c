import type { Config } from '../../../models/config.ts';
import { type Family, families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';

/** What source addresses are translated to when leaving by a provider; undefined: nothing. */
export type Translation = 'masquerade' | (string & {}) | undefined;

/** What an operator's own firewall must know to keep connections on their provider. */
export interface Firewall {
  readonly lan: readonly string[]; // devices
  readonly dmz: readonly string[];
  readonly mask: number; // the bits of marks that are ours
  readonly uplinks: readonly Uplink[];
  readonly remarks: readonly string[]; // for the operator, a sentence each
}

/** A provider as a firewall sees it. */
export interface Uplink {
  readonly id: string;
  readonly device: string;
  readonly mark: number;
  readonly nat: Readonly<Record<Family, Translation>>;
}

/**
 * The firewall for a configuration. `isExplicit`: whether the configuration sets a provider's `nat`. Where it
 * does not, IPv4 sources become the provider's own address: LAN hosts could not reach the internet otherwise.
 */
export function firewallFor(
  { providers, patterns = [], downlinks, fwmarkMask, connectionMarks, externalMarks }: Config,
  isExplicit: (index: number, family: Family) => boolean,
): Firewall {
  const alone = providers.filter(
    (one) =>
      !providers.some((other) => other !== one && other.enabled && other.interfaceName === one.interfaceName),
  );
  const crowded = new Set(providers.filter((one) => one.enabled && !alone.includes(one)).map(deviceOf));
  return {
    ...downlinks,
    mask: fwmarkMask,
    uplinks: alone
      .filter(({ enabled }) => enabled)
      .map((provider) => uplink(provider, (family) => isExplicit(providers.indexOf(provider), family))),
    remarks: [
      ...patterns.map(
        ({ template }) =>
          `the interfaces of "${template.interfaceName}" get their marks when they appear, which rules in a file cannot foresee: they are left out; use connectionMarks: true for them`,
      ),
      ...[...crowded].map(
        (device) =>
          `${device} has several providers, which rules by device cannot tell apart: they are left out; use connectionMarks: true for them`,
      ),
      ...(externalMarks === true
        ? []
        : [
            `the configuration has no connectionMarks: 'external', so ${connectionMarks ? 'failover also loads its own table' : 'failover puts no rules for these marks in place'}: set it`,
          ]),
    ],
  };
}

function deviceOf({ interfaceName }: Provider): string {
  return interfaceName;
}

function uplink(provider: Provider, isExplicit: (family: Family) => boolean): Uplink {
  const { id, interfaceName: device, mark } = provider;
  const [four, six] = families.map((family) => translation(provider, family, isExplicit(family)));
  return { id, device, mark, nat: { 4: four, 6: six } };
}

function translation({ nat, addressing }: Provider, family: Family, isExplicit: boolean): Translation {
  const { address } = addressing[family];
  if (address === 'none') return undefined;
  if (isExplicit) return nat[family] === 'none' ? undefined : nat[family];
  if (family === 6) return undefined;
  return address === 'auto' ? 'masquerade' : address;
}
