/** What an operator may write, for editors: made by `npm run settings` from settings.ts and provider-fields.ts. */
import type { Duration, Limits } from './setting.ts';

/** The common settings. */
export interface SettingsInput {
  /**
   * A named set of timing settings; single settings override it.
   * @default 'normal'
   */
  reaction?: 'calm' | 'normal' | 'fast';
  /**
   * Time between the starts of two checks of one provider. 10 ms to 1 h.
   * @default '1s'
   */
  checkInterval?: Duration;
  /**
   * The longest an answer may take. 10 ms to 60 s.
   * @default '1s'
   */
  checkTimeout?: Duration;
  /**
   * Shortest time between checks while a provider is in doubt. 10 ms to 60 s.
   * @default '50ms'
   */
  confirmInterval?: Duration;
  /**
   * How long nothing must get through before a provider is judged down. Up to 1 h.
   * @default '1s'
   */
  minOutage?: Duration;
  /**
   * Metric of the active default route; the others follow it. 1 to 4294967295.
   * @default 77
   */
  startMetric?: number;
  /**
   * Length of the window: results kept per provider and family. 1 to 100000.
   * @default 50
   */
  maxStoredTestResultCount?: number;
  /**
   * Failed checks in the window that a reliable provider may have. Up to 1000000.
   * @default 20
   */
  maxFailedChecks?: number;
  /**
   * Failed checks in a row that a reliable provider may have. Up to 1000000.
   * @default 2
   */
  maxConsecutiveFailedChecks?: number;
  /**
   * A provider that was unreliable must pass more checks in a row than this. Up to 1000000.
   * @default 4
   */
  minConsecutiveSucceededChecks?: number;
  /**
   * Scenarios of a check that must pass, or what they must weigh together.
   * @default 1
   */
  requiredSuccessful?: number | 'all';
  /**
   * Packet loss over `down` makes a provider unreliable, until it is under `up`.
   * @default { down: '20%', up: '5%' }
   */
  loss?: Limits<number | string> | 'none';
  /** Mean round-trip time over `down` makes a provider unreliable, until it is under `up`. */
  rtt?: Limits<Duration>;
  /** Jitter (RFC 3550) over `down` makes a provider unreliable, until it is under `up`. */
  jitter?: Limits<Duration>;
  /**
   * The shortest time a provider stays unreliable once it has become so. Up to 30 d.
   * @default 0
   */
  holdDown?: Duration;
  /**
   * How long a better provider must be reliable before traffic returns to it; doubled with each further
   * failover of an hour. Up to 30 d.
   * @default '10s'
   */
  failbackDelay?: Duration;
  /**
   * What repeated failovers raise `failbackDelay` to at most. Up to 30 d.
   * @default '10m'
   */
  maxFailbackDelay?: Duration;
  /**
   * 'never': stay on the present provider until it fails.
   * @default true
   */
  failback?: true | 'never';
  /**
   * What to do when no provider passes its checks.
   * @default 'keep'
   */
  allDown?: 'keep' | 'first' | 'remove' | 'unreachable';
  /**
   * What happens to our routes when the daemon stops.
   * @default 'keep'
   */
  onStop?: 'keep' | 'remove';
  /**
   * File whose content, a provider id, overrides every check; relative to the configuration file.
   * @default 'sticky.provider'
   */
  stickyProviderFilename?: string;
  /**
   * Whether checks go on while one is pinned.
   * @default true
   */
  probeWhileSticky?: boolean;
  /**
   * Where the active routes are: in the main table by metric, or in a table of our own that rules lead to,
   * so that other people's default routes change nothing.
   * @default 'metrics'
   */
  layout?: 'metrics' | 'table';
  /**
   * What installs the routes of the main table: failover itself, or FRRouting as static routes.
   * @default 'kernel'
   */
  backend?: 'kernel' | 'frr';
  /** How to reach FRRouting, with backend 'frr'. */
  frr?: {
    /** Name of the FRRouting instance, as in `vtysh -N`. */
    pathspace?: string;
    /**
     * Tag of our static routes; every static route with it is ours. 1 to 4294967295.
     * @default 77
     */
    tag?: number;
  };
  /**
   * Number of the table with the active routes in layout 'table'.
   * @default 100
   */
  activeTableId?: number;
  /**
   * Preference of the first of our rules; the others follow it. 1 to 32000.
   * @default 10770
   */
  rulePreference?: number;
  /**
   * What we route: networks in CIDR form, 'default' for everything.
   * @default default
   */
  routes?: readonly string[];
  /** Destinations that go past our table to the main one, in layout 'table'. */
  excludes?: {
    /** Networks in CIDR form. */
    networks?: readonly string[];
    /** The blocks of the special-purpose address registries, private networks among them. */
    reserved?: boolean;
  };
  /**
   * How several active providers share: by a resilient nexthop group where the kernel has it, or by a
   * classic multipath route.
   * @default 'resilient'
   */
  multipath?: 'resilient' | 'classic';
  /**
   * Whether connections are marked so that they stay with their provider; on by itself where a setting
   * needs it; 'external': by your own firewall, see `failover generate`.
   */
  connectionMarks?: boolean | 'external';
  /** The bits of packet and connection marks that are ours, in a row; the topmost, if unset. */
  fwmarkMask?: string;
  /** Clients that keep the provider they have for new connections too. */
  stickyClients?: {
    /**
     * What a client is recognised by.
     * @default 'source'
     */
    by?: 'source' | 'source-destination';
    /**
     * How long a client is remembered after its last packet. 1 s to 30 d.
     * @default '10m'
     */
    timeout?: Duration;
  };
  /** Interfaces towards your own networks. */
  downlinks?: {
    /** Interfaces of the local network. */
    lan?: readonly string[];
    /** Interfaces of servers that are reached from outside. */
    dmz?: readonly string[];
  };
  /**
   * The servers that resolve names, through each provider: addresses, 'gateway', or 'lease', those that its
   * DHCP client reported.
   * @default 1.1.1.1, 8.8.8.8, 9.9.9.9, 2606:4700:4700::1111, 2001:4860:4860::8888, 2620:fe::fe
   */
  nameservers?: readonly string[];
  /** Where Prometheus can read metrics, in addition to the control socket. */
  metrics?: {
    /**
     * Address and port of a small HTTP server that answers /metrics, such as '127.0.0.1:9469' or
     * '[::1]:9469'.
     */
    listen?: string;
    /** Networks in CIDR form whose machines are answered; all of them, if unset. */
    allow?: readonly string[];
    /**
     * A file for node_exporter's textfile collector, written every 15 seconds; its folder should be in
     * memory.
     */
    textfile?: string;
  };
}

/** The fields of a provider. */
export interface ProviderFieldsInput {
  /** Your name for the provider, used in `sticky.provider` and every command. */
  id?: string;
  /**
   * Its network interface; a pattern such as 'wan*' or 'auto' for each that matches, or has a default
   * route.
   */
  interfaceName?: string;
  /**
   * Own IPv4 address, with or without prefix length.
   * @default 'auto'
   */
  ipv4Address?: string;
  /**
   * Connected IPv4 network in CIDR form.
   * @default 'auto'
   */
  network?: string;
  /**
   * IPv4 gateway.
   * @default 'auto'
   */
  gateway?: string;
  /**
   * A range of gateways such as '192.168.1.10-192.168.1.20', or a network in CIDR form: a provider for
   * each.
   */
  gateways?: string;
  /**
   * Own IPv6 address, with or without prefix length.
   * @default 'auto'
   */
  ipv6Address?: string;
  /**
   * Connected IPv6 network in CIDR form.
   * @default 'auto'
   */
  ipv6Network?: string;
  /**
   * IPv6 gateway.
   * @default 'auto'
   */
  ipv6Gateway?: string;
  /** Number of the provider's own routing table; from 101 on, if unset. */
  rtTableId?: number;
  /** The table's name in rt_tables; the id, if unset. */
  rtTableName?: string;
  /** Rank, lower is preferred; null: never gets new traffic. Its place in the list, if unset. */
  tier?: number | null;
  /**
   * Share of new connections within a tier. 1 to 256.
   * @default 1
   */
  weight?: number;
  /**
   * False: neither checked nor routed.
   * @default true
   */
  enabled?: boolean;
  /**
   * 'masquerade', or the address connections are translated to.
   * @default 'none'
   */
  nat?: string;
  /**
   * The same for IPv6.
   * @default 'none'
   */
  ipv6Nat?: string;
  /**
   * 'avoid': while its modem roams, it is used only when no other provider is reliable.
   * @default 'use'
   */
  roaming?: 'use' | 'avoid';
  /**
   * Its connections when a better provider takes over again: 'soft', 'hard' or 'drain 10m'.
   * @default 'soft'
   */
  onFailback?: string;
  /** The servers that resolve names through this provider instead of the common ones. */
  nameservers?: readonly string[];
  /** What its checks may cost while it is a standby, in bytes an hour. 1 kB to 1 TB. */
  probeBudget?: number | string;
  /** Scenarios of a check that must pass, or what they must weigh together. */
  requiredSuccessful?: number | 'all';
}
