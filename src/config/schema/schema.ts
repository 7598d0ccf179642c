/** What every setting may be. `failover check --schema` prints it as a JSON Schema. */
import {
  readAnyNetwork,
  readGateway,
  readManaged,
  readNat,
  readNetwork,
  readOwnAddress,
  readServer,
} from '../values/address.ts';
import {
  anyOf,
  bytes,
  choice,
  duration,
  failback,
  level,
  limits,
  listOf,
  listOfTexts,
  type Output,
  options,
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
  yesNoOr,
} from '../values/fields.ts';
import { readMask, readOnFailback } from '../values/marks.ts';
import {
  maxUint32,
  readId,
  readInterfaceName,
  readPathspace,
  readStickyFilename,
  readTableName,
} from '../values/names.ts';
import { readInterface } from '../values/pattern.ts';
import { readGateways } from '../values/range.ts';
import type { Reviewed } from '../values/schema-issue.ts';
import { defaults } from './defaults.ts';
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
  layout: choice(
    ['metrics', 'table'],
    "Where the active routes are: in the main table by metric, or in a table of our own that rules lead to, so that other people's default routes change nothing.",
  ),
  backend: choice(
    ['kernel', 'frr'],
    'Who puts the routes of the main table in place: failover itself, or FRRouting as static routes.',
  ),
  frr: options(
    {
      pathspace: text(readPathspace, 'Name of the FRRouting instance, as in `vtysh -N`.'),
      tag: whole(1, maxUint32, 'Tag of our static routes; every static route with it is ours.'),
    },
    "How FRRouting is spoken to, with backend 'frr'.",
  ),
  activeTableId: tableId("Number of the table with the active routes in layout 'table'."),
  rulePreference: whole(1, 32_000, 'Preference of the first of our rules; the others follow it.'),
  routes: listOfTexts(readManaged, "What we route: networks in CIDR form, 'default' for everything."),
  excludes: options(
    {
      networks: listOfTexts(readAnyNetwork, 'Networks in CIDR form.'),
      reserved: yesNo('The blocks of the special-purpose address registries, private networks among them.'),
    },
    "Destinations that go past our table to the main one, in layout 'table'.",
  ),
  multipath: choice(
    ['resilient', 'classic'],
    'How several active providers share: by a resilient nexthop group where the kernel has it, or by a classic multipath route.',
  ),
  connectionMarks: yesNoOr(
    'external',
    "Whether connections are marked so that they stay with their provider; on by itself where a setting needs it; 'external': by your own firewall, see `failover generate`.",
  ),
  fwmarkMask: text(
    readMask,
    'The bits of packet and connection marks that are ours, in a row; the topmost, if unset.',
  ),
  stickyClients: options(
    {
      by: choice(['source', 'source-destination'], 'What a client is told by.'),
      timeout: duration('1s', '30d', 'How long a client is remembered after its last packet.'),
    },
    'Clients that keep the provider they have for new connections too.',
  ),
  downlinks: options(
    {
      lan: listOfTexts(readInterfaceName, 'Interfaces of the local network.'),
      dmz: listOfTexts(readInterfaceName, 'Interfaces of servers that are reached from outside.'),
    },
    'Interfaces towards your own networks.',
  ),
  nameservers: listOfTexts(
    (value) => readServer(value),
    "Who is asked for names, through each provider: addresses, or 'gateway'.",
  ),
});

/** One provider. Nothing is required here: what is missing is told by `draft`, with everything else. */
const provider = record({
  id: text(readId, 'Your name for the provider, used in `sticky.provider` and every command.'),
  interfaceName: text(
    readInterface,
    "Its network interface; a pattern such as 'wan*' or 'auto' for each that matches, or has a default route.",
  ),
  ipv4Address: text(
    (value) => readOwnAddress(4, value),
    'Own IPv4 address, with or without prefix length.',
    'auto',
  ),
  network: text((value) => readNetwork(4, value), 'Connected IPv4 network in CIDR form.', 'auto'),
  gateway: text((value) => readGateway(4, value), 'IPv4 gateway.', 'auto'),
  gateways: text(
    readGateways,
    "A range of gateways such as '192.168.1.10-192.168.1.20', or a network in CIDR form: a provider for each.",
  ),
  ipv6Address: text(
    (value) => readOwnAddress(6, value),
    'Own IPv6 address, with or without prefix length.',
    'auto',
  ),
  ipv6Network: text((value) => readNetwork(6, value), 'Connected IPv6 network in CIDR form.', 'auto'),
  ipv6Gateway: text((value) => readGateway(6, value), 'IPv6 gateway.', 'auto'),
  rtTableId: tableId("Number of the provider's own routing table; from 101 on, if unset."),
  rtTableName: text(readTableName, "The table's name in rt_tables; the id, if unset."),
  tier: tier(),
  weight: whole(1, 256, 'Share of new connections within a tier.').meta({ default: 1 }),
  enabled: yesNo('False: neither checked nor routed.').meta({ default: true }),
  nat: text(
    (value) => readNat(4, value),
    "'masquerade', or the address connections are translated to.",
    'none',
  ),
  ipv6Nat: text((value) => readNat(6, value), 'The same for IPv6.', 'none'),
  onFailback: text(
    readOnFailback,
    "Its connections when a better provider takes over again: 'soft', 'hard' or 'drain 10m'.",
    'soft',
  ),
  nameservers: listOfTexts(
    (value) => readServer(value),
    'Asked for names through this provider instead of the common ones.',
  ),
  requiredSuccessful: required(),
  probeBudget: bytes('1kB', '1TB', 'What its checks may cost while it is a standby, in bytes an hour.'),
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
      .required({ interfaceName: true }),
    'The ways out to the internet, the preferred one first.',
  );
  const testScenarios = scenarios('What every check asks, unless a provider has its own.');
  const whole = settings.extend({ providers, testScenarios });
  const { $schema, properties, ...rest } = toJsonSchema(whole, defaults);
  const own = { $schema: { type: 'string', description: 'Where this schema lies, for editors.' } };
  return { $schema, title: 'failover configuration', ...rest, properties: { ...own, ...Object(properties) } };
}
