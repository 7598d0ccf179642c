/** What every setting may be. `failover check --schema` prints it as a JSON Schema. */
import { readGateway, readNetwork, readOwnAddress, readServer } from './address.ts';
import { defaults } from './defaults.ts';
import {
  anyOf,
  choice,
  duration,
  failback,
  level,
  limits,
  listOf,
  listOfTexts,
  type Output,
  type Reviewed,
  ratio,
  record,
  required,
  review,
  tableId,
  text,
  tier,
  toJsonSchema,
  whole,
  yesNo,
} from './fields.ts';
import { maxUint32, readId, readInterfaceName, readStickyFilename, readTableName } from './names.ts';
import { scenarioSchemas } from './scenario-schema.ts';

/** The common settings in the order they are shown, durations in milliseconds once parsed. */
const settings = record({
  reaction: choice(
    ['calm', 'normal', 'fast'],
    'A named set of timing settings; single settings override it.',
  ),
  checkInterval: duration('10ms', '1h', 'Time between the starts of two checks of one provider.'),
  checkTimeout: duration('10ms', '60s', 'The longest an answer may take.'),
  confirmInterval: duration('10ms', '60s', 'Time between checks while a provider is in doubt.'),
  minOutage: duration('0s', '1h', 'How long nothing must get through before a provider is judged down.'),
  startMetric: whole(1, maxUint32, 'Metric of the active default route; the others follow it.'),
  maxStoredTestResultCount: whole(1, 100_000, 'Length of the window: results kept per provider and family.'),
  maxFailedChecks: whole(0, 1_000_000, 'Failed checks in the window that a reliable provider may have.'),
  maxConsecutiveFailedChecks: whole(
    0,
    1_000_000,
    'Failed checks in a row that a reliable provider may have.',
  ),
  minConsecutiveSucceededChecks: whole(
    0,
    1_000_000,
    'A provider that was unreliable must pass more checks in a row than this.',
  ),
  requiredSuccessful: required(),
  loss: limits(ratio, 'Loss over `down` makes a provider unreliable, until it is under `up`.'),
  rtt: limits(level, 'Mean round-trip time over `down` makes a provider unreliable, until it is under `up`.'),
  jitter: limits(level, 'Jitter (RFC 3550) over `down` makes a provider unreliable, until it is under `up`.'),
  holdDown: duration('0s', '30d', 'How long a provider that became unreliable stays so at least.'),
  failbackDelay: duration(
    '0s',
    '30d',
    'How long a better provider must be reliable before traffic returns to it.',
  ),
  failback: failback(),
  allDown: choice(
    ['keep', 'first', 'remove', 'unreachable'],
    'What to do when no provider passes its checks.',
  ),
  onStop: choice(['keep', 'remove'], 'What happens to our routes when the daemon stops.'),
  stickyProviderFilename: text(
    readStickyFilename,
    'File whose content, a provider id, overrides every check; relative to the configuration file.',
  ),
  probeWhileSticky: yesNo('Whether checks go on while a provider is pinned.'),
  layout: choice(['metrics'], 'How routes are laid out in the kernel.'),
  nameservers: listOfTexts(
    (value) => readServer(value),
    "Who is asked for names, through each provider: addresses, or 'gateway'.",
  ),
});

/** One provider. Nothing is required here: what is missing is told by `draft`, with everything else. */
const provider = record({
  id: text(readId, 'Your name for the provider, used in `sticky.provider` and every command.'),
  interfaceName: text(readInterfaceName, 'Its network interface.'),
  ipv4Address: text(
    (value) => readOwnAddress(4, value),
    'Own IPv4 address, with or without prefix length.',
    'auto',
  ),
  network: text((value) => readNetwork(4, value), 'Connected IPv4 network in CIDR form.', 'auto'),
  gateway: text((value) => readGateway(4, value), 'IPv4 gateway.', 'auto'),
  ipv6Address: text(
    (value) => readOwnAddress(6, value),
    'Own IPv6 address, with or without prefix length.',
    'auto',
  ),
  ipv6Network: text((value) => readNetwork(6, value), 'Connected IPv6 network in CIDR form.', 'auto'),
  ipv6Gateway: text((value) => readGateway(6, value), 'IPv6 gateway.', 'auto'),
  rtTableId: tableId(),
  rtTableName: text(readTableName, "The table's name in rt_tables; the id, if unset."),
  tier: tier(),
  weight: whole(1, 256, 'Share of new connections within a tier.').meta({ default: 1 }),
  enabled: yesNo('False: neither checked nor routed.').meta({ default: true }),
  nameservers: listOfTexts(
    (value) => readServer(value),
    'Asked for names through this provider instead of the common ones.',
  ),
});

/** Settings as parsed: those that are set, in milliseconds, ratios and canonical addresses. */
export type SettingValues = Output<typeof settings>;
/** A provider's fields as parsed. */
export type ProviderValues = Output<typeof provider>;

/** Every common setting but `providers` and `testScenarios`, in the order they are shown. */
export const settingNames: readonly string[] = Object.keys(settings.shape);
/** Every field of a provider but `testScenarios`. */
export const providerFieldNames: readonly string[] = Object.keys(provider.shape);

/** Judges the common settings one by one. */
export function reviewSettings(input: Readonly<Record<string, unknown>>): Reviewed<SettingValues> {
  return review(settings, input);
}

/** Judges one provider's fields one by one. */
export function reviewProvider(input: Readonly<Record<string, unknown>>): Reviewed<ProviderValues> {
  return review(provider, input);
}

/** JSON Schema (2020-12) of a configuration in JSON, YAML or TOML, for editors. */
export function jsonSchema(): Record<string, unknown> {
  const scenarios = (description: string) => listOf(anyOf(scenarioSchemas()), description).optional();
  const providers = listOf(
    provider
      .extend({ testScenarios: scenarios('Asked for this provider instead of the common ones.') })
      .required({ id: true, interfaceName: true }),
    'The ways out to the internet, the preferred one first.',
  );
  const testScenarios = scenarios('What every check asks, unless a provider has its own.');
  const whole = settings.extend({ providers, testScenarios });
  const { $schema, properties, ...rest } = toJsonSchema(whole, defaults);
  const own = { $schema: { type: 'string', description: 'Where this schema lies, for editors.' } };
  return { $schema, title: 'failover configuration', ...rest, properties: { ...own, ...Object(properties) } };
}
