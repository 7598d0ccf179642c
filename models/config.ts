/** The vocabulary of `config.ts`: what it may say (`ConfigInput`), and what it means once parsed (`Config`). */
import type { DevicePattern, Provider } from './provider.ts';
import type { DnsOptions } from './scenarios/dns.ts';
import type { ExecScenarioOptions } from './scenarios/exec.ts';
import type { HttpOptions } from './scenarios/http.ts';
import type { MtuOptions } from './scenarios/mtu.ts';
import type { ScenarioOptions } from './scenarios/options.ts';
import type { PingOptions } from './scenarios/ping.ts';
import type { TcpOptions } from './scenarios/tcp.ts';
import type { ScenarioResult } from './test-result.ts';
import type { Probe, TestScenario } from './test-scenario.ts';

export type {
  Connection,
  ConnectOptions,
  DnsQuery,
  DnsReply,
  DnsType,
  EchoOptions,
  ExecOptions,
  ExecOutcome,
  FetchOptions,
  FetchReply,
  TlsOptions,
} from './primitives.ts';
export type { Provider } from './provider.ts';
export { type DnsOptions, dns, TestScenarioDns } from './scenarios/dns.ts';
export { type ExecScenarioOptions, exec, TestScenarioExec } from './scenarios/exec.ts';
export { type HttpOptions, http, TestScenarioHttp } from './scenarios/http.ts';
export { type MtuOptions, mtu, TestScenarioMtu } from './scenarios/mtu.ts';
export { neighbour, TestScenarioNeighbour } from './scenarios/neighbour.ts';
export { type PingOptions, ping, TestScenarioPing } from './scenarios/ping.ts';
export { type TcpOptions, TestScenarioTcp, tcp } from './scenarios/tcp.ts';
export type { FailureCode, ScenarioResult, TestResult } from './test-result.ts';
export { type Probe, TestScenario } from './test-scenario.ts';

/** A length of time: seconds as a number, or `'250ms'`, `'10s'`, `'2m'`, `'1h'`, `'1d'`. */
export type Duration = number | string;

/** A level that is crossed downwards at `down` and back at `up`, so that a value in between changes nothing. */
export interface Limits<T> {
  readonly down: T;
  readonly up: T;
}

/** What to do when no provider passes: keep the present one, use the first, remove our defaults, or answer "unreachable". */
export type AllDown = 'keep' | 'first' | 'remove' | 'unreachable';

/** One provider as an operator writes it, or several that differ in their gateway. */
export interface ProviderInput {
  id?: string; // must be set; with `gateways` or a pattern it may be, and is what the members' ids begin with
  interfaceName: string; // 'wan*': each that matches; 'auto': each with a default route
  ipv4Address?: string;
  network?: string;
  gateway?: string;
  gateways?: string; // a provider for each gateway of a range, such as '192.168.1.10-192.168.1.20'
  ipv6Address?: string;
  ipv6Network?: string;
  ipv6Gateway?: string;
  rtTableId?: number;
  rtTableName?: string;
  tier?: number | null;
  weight?: number;
  enabled?: boolean;
  nat?: string;
  ipv6Nat?: string;
  onFailback?: string;
  nameservers?: readonly string[];
  probeBudget?: number | string; // bytes an hour, or '5MB'
  requiredSuccessful?: number | 'all';
  testScenarios?: readonly ScenarioInput[];
}

/** A scenario, its form in JSON, YAML and TOML such as `{ ping: '1.1.1.1', size: 56 }`, or a function that is one. */
export type ScenarioInput =
  | TestScenario
  | ({ ping: string } & PingOptions)
  | ({ tcp: string } & TcpOptions) // 'host:port'
  | ({ http: string } & HttpOptions)
  | ({ dns: string } & DnsOptions)
  | ({ mtu: string } & MtuOptions)
  | ({ neighbour: true } & ScenarioOptions)
  | ({ exec: readonly string[] } & ExecScenarioOptions)
  | ScenarioFunction;

/** A scenario as a function; its name is that of the scenario. */
export type ScenarioFunction = (provider: Provider, probe: Probe) => Promise<ScenarioResult>;

/** What `config.ts` may say. See docs/configuration.md for every default. */
export interface ConfigInput {
  reaction?: Reaction;
  checkInterval?: Duration;
  checkTimeout?: Duration;
  confirmInterval?: Duration;
  minOutage?: Duration;
  startMetric?: number;
  maxStoredTestResultCount?: number;
  maxFailedChecks?: number;
  maxConsecutiveFailedChecks?: number;
  minConsecutiveSucceededChecks?: number;
  requiredSuccessful?: number | 'all';
  loss?: Limits<number | string>; // ratio 0..1, or '20%'
  rtt?: Limits<Duration>;
  jitter?: Limits<Duration>;
  holdDown?: Duration;
  failbackDelay?: Duration;
  failback?: true | 'never';
  allDown?: AllDown;
  onStop?: 'keep' | 'remove';
  stickyProviderFilename?: string;
  probeWhileSticky?: boolean;
  nameservers?: readonly string[]; // literal addresses, or 'gateway'
  layout?: Layout;
  backend?: 'kernel' | 'frr';
  frr?: { pathspace?: string; tag?: number };
  activeTableId?: number;
  rulePreference?: number;
  routes?: readonly string[]; // CIDRs, or 'default'
  excludes?: { networks?: readonly string[]; reserved?: boolean };
  multipath?: 'resilient' | 'classic';
  connectionMarks?: boolean | 'external';
  fwmarkMask?: string; // '0xff000000'
  stickyClients?: { by?: StickyClients['by']; timeout?: Duration };
  downlinks?: { lan?: readonly string[]; dmz?: readonly string[] };
  providers: readonly ProviderInput[];
  testScenarios?: readonly ScenarioInput[];
}

/**
 * Where the active routes are: `metrics`, in `main`, the active provider's at the best metric; `table`, in a table of our
 * own that rules lead to, so that default routes which others put into `main` change nothing.
 */
export type Layout = 'metrics' | 'table';

/** How FRRouting is spoken to. Absent: we put routes into the kernel ourselves. */
export interface FrrSettings {
  readonly pathspace: string | undefined; // `vtysh -N`
  readonly tag: number; // on every static route of ours, and on no other
}

/** Clients that keep their provider: by source address, or by source and destination, until idle for `timeoutMs`. */
export interface StickyClients {
  readonly by: 'source' | 'source-destination';
  readonly timeoutMs: number;
}

/** Devices towards the operator's own networks. */
export interface Downlinks {
  readonly lan: readonly string[];
  readonly dmz: readonly string[];
}

/** A named set of timing settings; single settings override it. */
export type Reaction = 'calm' | 'normal' | 'fast';

/** A whole configuration, parsed: every setting present, in the unit its name ends with. */
export interface Config {
  readonly checkIntervalMs: number;
  readonly checkTimeoutMs: number;
  readonly confirmIntervalMs: number;
  readonly minOutageMs: number;
  readonly startMetric: number;
  readonly maxStoredTestResultCount: number;
  readonly maxFailedChecks: number;
  readonly maxConsecutiveFailedChecks: number;
  readonly minConsecutiveSucceededChecks: number;
  readonly requiredSuccessful: number | 'all';
  readonly loss: Limits<number> | undefined; // ratio 0..1
  readonly rtt: Limits<number> | undefined; // ms
  readonly jitter: Limits<number> | undefined; // ms
  readonly holdDownMs: number;
  readonly failbackDelayMs: number;
  readonly failback: true | 'never';
  readonly allDown: AllDown;
  readonly onStop: 'keep' | 'remove';
  readonly stickyProviderFilename: string; // absolute
  readonly probeWhileSticky: boolean;
  readonly layout: Layout;
  readonly frr?: FrrSettings; // the routes of `main` are static routes of FRRouting; absent: the kernel's
  readonly activeTableId: number; // layout `table`: where the active routes are
  readonly rulePreference: number; // first preference of our rules
  readonly routes: readonly string[]; // managed prefixes: CIDRs of either family, 'default' for both families' defaults
  readonly excludes: readonly string[]; // layout `table`: CIDRs that go past our table, minimised
  readonly multipath: 'resilient' | 'classic';
  readonly connectionMarks: boolean;
  readonly externalMarks?: true; // by the operator's own firewall, as `failover generate` writes it: we load no table
  readonly fwmarkMask: number; // the bits of packet and connection marks that are ours
  readonly stickyClients: StickyClients | undefined;
  readonly downlinks: Downlinks;
  readonly nameservers?: readonly string[]; // servers that resolve names, unless a provider has its own
  readonly providers: readonly Provider[];
  readonly patterns?: readonly DevicePattern[]; // absent: none
  readonly testScenarios: readonly TestScenario[];
}

/** Checks a configuration's types while it is being written; returns it as it is. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
