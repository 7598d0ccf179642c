/** What on this machine keeps a valid configuration from working as it is meant to. */
import type { Config } from '../../../models/config.ts';
import { families } from '../../../models/path.ts';
import { type Mistake, mistake } from '../../config/mistake.ts';
import { readNftNat, readSavedNat, uncoveredProviders } from '../../core/firewall/nat-rules.ts';
import { familyName } from '../../core/format.ts';
import { whyNoCuts } from '../../kernel/conntrack.ts';
import { readLegacyNat, readRuleset } from '../../kernel/firewall-rules.ts';

/** Remarks on a configuration, for the machine this runs on. Without rights, fewer. */
export async function machineRemarks(config: Config): Promise<readonly Mistake[]> {
  const uncut = config.connectionMarks ? whyNoCuts() : undefined;
  const rules = [
    ...readNftNat(await readRuleset()),
    ...(await Promise.all(families.map(async (family) => readSavedNat(family, await readLegacyNat(family))))),
  ].flat();
  return [
    ...(uncut === undefined ? [] : [mistake('connectionMarks', uncut)]),
    ...uncoveredProviders(rules, config.providers).map(({ index, family, rule }) => {
      const [device, setting] = [config.providers[index]?.interfaceName, family === 4 ? 'nat' : 'ipv6Nat'];
      const found = `a firewall rule translates ${familyName(family)} addresses for other providers only (${rule.text})`;
      const advice = `set ${setting}: 'masquerade', or add such a rule for ${device}`;
      return mistake(
        `providers[${index}].${setting}`,
        `${found}: connections of a LAN would not work here; ${advice}`,
      );
    }),
  ];
}
