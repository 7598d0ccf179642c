/**
 * Every common setting, declared only here. Types, schema, defaults, `failover check` and the JSON Schema follow from
 * it. After a change, `npm run settings` writes models/config-input.ts; the tests compare that file and the tables of
 * docs/configuration.md with this one.
 */
import { publicResolvers } from './public-resolvers.ts';
import type { SettingTable } from './setting.ts';

export const settings = {
  reaction: {
    kind: 'choice',
    isReshaped: true,
    of: ['calm', 'normal', 'fast'],
    default: 'normal',
    docs: 'A named set of timing settings; single settings override it.',
  },
  checkInterval: {
    kind: 'duration',
    range: ['10ms', '1h'],
    default: '1s',
    docs: 'Time between the starts of two checks of one provider.',
  },
  checkTimeout: {
    kind: 'duration',
    range: ['10ms', '60s'],
    default: '1s',
    docs: 'The longest an answer may take.',
  },
  confirmInterval: {
    kind: 'duration',
    range: ['10ms', '60s'],
    default: '50ms',
    docs: 'Shortest time between checks while a provider is in doubt.',
  },
  minOutage: {
    kind: 'duration',
    range: ['0s', '1h'],
    default: '1s',
    docs: 'How long nothing must get through before a provider is judged down.',
  },
  startMetric: {
    kind: 'whole',
    range: [1, 0xffff_ffff],
    default: 77,
    docs: 'Metric of the active default route; the others follow it.',
  },
  maxStoredTestResultCount: {
    kind: 'whole',
    range: [1, 100_000],
    default: 50,
    docs: 'Length of the window: results kept per provider and family.',
  },
  maxFailedChecks: {
    kind: 'whole',
    range: [0, 1_000_000],
    default: 20,
    docs: 'Failed checks in the window that a reliable provider may have.',
  },
  maxConsecutiveFailedChecks: {
    kind: 'whole',
    range: [0, 1_000_000],
    default: 2,
    docs: 'Failed checks in a row that a reliable provider may have.',
  },
  minConsecutiveSucceededChecks: {
    kind: 'whole',
    range: [0, 1_000_000],
    default: 4,
    docs: 'A provider that was unreliable must pass more checks in a row than this.',
  },
  requiredSuccessful: {
    kind: 'required',
    default: 1,
    docs: 'Scenarios of a check that must pass, or what they must weigh together.',
  },
  loss: {
    kind: 'limitsOr',
    of: 'ratio',
    or: 'none',
    default: { down: '20%', up: '5%' },
    docs: 'Packet loss over `down` makes a provider unreliable, until it is under `up`.',
  },
  rtt: {
    kind: 'limits',
    of: 'duration',
    docs: 'Mean round-trip time over `down` makes a provider unreliable, until it is under `up`.',
  },
  jitter: {
    kind: 'limits',
    of: 'duration',
    docs: 'Jitter (RFC 3550) over `down` makes a provider unreliable, until it is under `up`.',
  },
  holdDown: {
    kind: 'duration',
    range: ['0s', '30d'],
    default: 0,
    docs: 'The shortest time a provider stays unreliable once it has become so.',
  },
  failbackDelay: {
    kind: 'duration',
    range: ['0s', '30d'],
    default: '10s',
    docs: 'How long a better provider must be reliable before traffic returns to it; doubled with each further failover of an hour.',
  },
  maxFailbackDelay: {
    kind: 'duration',
    range: ['0s', '30d'],
    default: '10m',
    docs: 'What repeated failovers raise `failbackDelay` to at most.',
  },
  failback: {
    kind: 'trueOr',
    or: 'never',
    default: true,
    docs: "'never': stay on the present provider until it fails.",
  },
  allDown: {
    kind: 'choice',
    of: ['keep', 'first', 'remove', 'unreachable'],
    default: 'keep',
    docs: 'What to do when no provider passes its checks.',
  },
  onStop: {
    kind: 'choice',
    of: ['keep', 'remove'],
    default: 'keep',
    docs: 'What happens to our routes when the daemon stops.',
  },
  stickyProviderFilename: {
    kind: 'text',
    form: 'file',
    default: 'sticky.provider',
    docs: 'File whose content, a provider id, overrides every check; relative to the configuration file.',
  },
  probeWhileSticky: { kind: 'yesNo', default: true, docs: 'Whether checks go on while one is pinned.' },
  layout: {
    kind: 'choice',
    of: ['metrics', 'table'],
    default: 'metrics',
    docs: "Where the active routes are: in the main table by metric, or in a table of our own that rules lead to, so that other people's default routes change nothing.",
  },
  backend: {
    kind: 'choice',
    isReshaped: true,
    of: ['kernel', 'frr'],
    default: 'kernel',
    docs: 'What installs the routes of the main table: failover itself, or FRRouting as static routes.',
  },
  frr: {
    kind: 'options',
    isReshaped: true,
    default: {},
    docs: "How to reach FRRouting, with backend 'frr'.",
    fields: {
      pathspace: {
        kind: 'text',
        form: 'FRRouting instance',
        docs: 'Name of the FRRouting instance, as in `vtysh -N`.',
      },
      tag: {
        kind: 'whole',
        range: [1, 0xffff_ffff],
        default: 77, // also the number of our protocol in the kernel
        docs: 'Tag of our static routes; every static route with it is ours.',
      },
    },
  },
  activeTableId: {
    kind: 'tableId',
    default: 100,
    docs: "Number of the table with the active routes in layout 'table'.",
  },
  rulePreference: {
    kind: 'whole',
    range: [1, 32_000],
    default: 10_770,
    docs: 'Preference of the first of our rules; the others follow it.',
  },
  routes: {
    kind: 'texts',
    form: 'managed network',
    default: ['default'],
    docs: "What we route: networks in CIDR form, 'default' for everything.",
  },
  excludes: {
    kind: 'options',
    isReshaped: true,
    default: {},
    docs: "Destinations that go past our table to the main one, in layout 'table'.",
    fields: {
      networks: { kind: 'texts', form: 'network', docs: 'Networks in CIDR form.' },
      reserved: {
        kind: 'yesNo',
        docs: 'The blocks of the special-purpose address registries, private networks among them.',
      },
    },
  },
  multipath: {
    kind: 'choice',
    of: ['resilient', 'classic'],
    default: 'resilient',
    docs: 'How several active providers share: by a resilient nexthop group where the kernel has it, or by a classic multipath route.',
  },
  connectionMarks: {
    kind: 'yesNoOr',
    isReshaped: true,
    or: 'external',
    docs: "Whether connections are marked so that they stay with their provider; on by itself where a setting needs it; 'external': by your own firewall, see `failover generate`.",
  },
  fwmarkMask: {
    kind: 'text',
    isReshaped: true,
    form: 'mark mask',
    docs: 'The bits of packet and connection marks that are ours, in a row; the topmost, if unset.',
  },
  stickyClients: {
    kind: 'options',
    isReshaped: true,
    docs: 'Clients that keep the provider they have for new connections too.',
    fields: {
      by: {
        kind: 'choice',
        of: ['source', 'source-destination'],
        default: 'source',
        docs: 'What a client is recognised by.',
      },
      timeout: {
        kind: 'duration',
        range: ['1s', '30d'],
        default: '10m',
        docs: 'How long a client is remembered after its last packet.',
      },
    },
  },
  downlinks: {
    kind: 'options',
    isReshaped: true,
    default: {},
    docs: 'Interfaces towards your own networks.',
    fields: {
      lan: { kind: 'texts', form: 'device', docs: 'Interfaces of the local network.' },
      dmz: {
        kind: 'texts',
        form: 'device',
        docs: 'Interfaces of servers that are reached from outside.',
      },
    },
  },
  nameservers: {
    kind: 'texts',
    isReshaped: true,
    form: 'server',
    default: publicResolvers,
    docs: "The servers that resolve names, through each provider: addresses, 'gateway', or 'lease', those that its DHCP client reported.",
  },
  metrics: {
    kind: 'options',
    docs: 'Where Prometheus can read metrics, in addition to the control socket.',
    fields: {
      listen: {
        kind: 'text',
        form: 'listening address',
        docs: "Address and port of a small HTTP server that answers /metrics, such as '127.0.0.1:9469' or '[::1]:9469'.",
      },
      allow: {
        kind: 'texts',
        form: 'network',
        docs: 'Networks in CIDR form whose machines are answered; all of them, if unset.',
      },
      textfile: {
        kind: 'text',
        form: 'absolute file',
        docs: "A file for node_exporter's textfile collector, written every 15 seconds; its folder should be in memory.",
      },
    },
  },
} as const satisfies SettingTable;
