import { rename, writeFile } from 'node:fs/promises';
import type { Isp } from './isp.ts';
import { network4, network6 } from './topology.ts';

/** A configuration as a test writes it: plain data, with the keys of `ConfigInput`. */
export type LabConfig = Readonly<Record<string, unknown>> & {
  readonly providers: readonly Readonly<Record<string, unknown>>[];
};

/** Writes a configuration as JSON, atomically, so that a daemon never reads half of it. */
export async function writeConfig(file: string, config: LabConfig): Promise<string> {
  await writeFile(`${file}.new`, `${JSON.stringify(config, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
  return file;
}

/** An ISP of the lab as a provider of a configuration, with everything that could be `auto` spelled out. */
export function describeProvider(isp: Isp): Readonly<Record<string, unknown>> {
  const { 4: four, 6: six } = isp.ends;
  const hasGateway = isp.kind === 'ethernet';
  const prefix6 = six && network6(six);
  return {
    id: isp.name,
    interfaceName: isp.device,
    ...(four && { ipv4Address: four.address }),
    ...(four && hasGateway && { network: network4(four), gateway: four.gateway }),
    ...(six && { ipv6Address: six.address }),
    ...(six && hasGateway && { ipv6Gateway: six.gateway }),
    ...(hasGateway && prefix6 !== undefined && { ipv6Network: prefix6 }),
  };
}
