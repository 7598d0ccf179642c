/** The types of `config.ts`: what it may contain (`ConfigInput`), and what it means once parsed (`Config`). */
import type { Claims } from './claims.ts';
import type { ProviderFieldsInput, SettingsInput } from './config-input.ts';
import type { DevicePattern, Provider } from './provider.ts';
import type { DnsOptions } from './scenarios/dns.ts';
import type { ExecScenarioOptions } from './scenarios/exec.ts';
import type { HttpOptions } from './scenarios/http.ts';
import type { MtuOptions } from './scenarios/mtu.ts';
import type { ScenarioOptions } from './scenarios/options.ts';
import type { PingOptions } from './scenarios/ping.ts';
import type { TcpOptions } from './scenarios/tcp.ts';
import type { Value } from './setting.ts';
import type { settings } from './settings.ts';
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
export { type Secret, secret } from './secret.ts';
export type { FailureCode, ScenarioResult, TestResult } from './test-result.ts';
export { type Probe, TestScenario } from './test-scenario.ts';

/** One provider as an operator writes it, or several that differ in gateway or interface. */
export interface ProviderInput extends ProviderFieldsInput {
  /** Run for this provider instead of the common ones. */
  testScenarios?: readonly ScenarioInput[];
  interfaceName: string; // `id` may be left out if there are several: with `gateways`, or a pattern here
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

/** A scenario as a function; the function's name is the scenario's. */
export type ScenarioFunction = (provider: Provider, probe: Probe) => Promise<ScenarioResult>;

/** What `config.ts` may contain. See docs/configuration.md for every default. */
export interface ConfigInput extends SettingsInput {
  /** The ways out to the internet, the preferred one first. */
  providers: readonly ProviderInput[];
  /** What every check runs, unless a provider has its own. */
  testScenarios?: readonly ScenarioInput[];
}

/** A named set of timing settings; single settings override it. */
export type Reaction = Value<Settings['reaction']>;

/** How to reach FRRouting. Absent: we put routes into the kernel ourselves. */
export interface FrrSettings {
  readonly pathspace: string | undefined; // `vtysh -N`
  readonly tag: number; // on every static route of ours, and on no other
}

/** How clients keep their provider: by source address, or by source and destination, until idle for `timeoutMs`. */
export interface StickyClients {
  readonly by: Value<Settings['stickyClients']['fields']['by']>;
  readonly timeoutMs: number;
}

/** Devices towards the operator's own networks. */
export interface Downlinks {
  readonly lan: readonly string[];
  readonly dmz: readonly string[];
}

/** Numbers that the operator left to us: where others use the default, another is chosen. */
export interface OpenNumbers {
  readonly tables: readonly string[]; // ids of the providers that have no `rtTableId`
  readonly activeTableId?: true; // each of these is absent where the operator wrote it
  readonly rulePreference?: true;
  readonly startMetric?: true;
  readonly fwmarkMask?: true;
}

type Settings = typeof settings;

/** Settings as parsed, except those that `Config` has in another form: `checkInterval` is `checkIntervalMs` there. */
export type ParsedSettings = {
  readonly [K in keyof Settings as ParsedName<K, Settings[K]>]: Settings[K] extends { default: unknown }
    ? Value<Settings[K]>
    : Value<Settings[K]> | undefined;
};

type ParsedName<K extends string, S> = S extends { isReshaped: true }
  ? never
  : S extends { kind: 'duration' }
    ? `${K}Ms`
    : K;

/** A whole configuration, parsed: every setting is present, in the unit that ends its name. */
export interface Config extends ParsedSettings {
  readonly frr?: FrrSettings; // the routes of `main` are static routes of FRRouting; absent: the kernel's
  readonly excludes: readonly string[]; // layout `table`: CIDR blocks that bypass our table, minimised
  readonly connectionMarks: boolean;
  readonly externalMarks?: true; // by the operator's own firewall, as `failover generate` writes it: we load no table
  readonly fwmarkMask: number; // the bits of packet and connection marks that are ours
  readonly stickyClients: StickyClients | undefined;
  readonly downlinks: Downlinks;
  readonly nameservers?: readonly string[]; // addresses, 'gateway' or 'lease'; unless a provider has its own
  readonly providers: readonly Provider[];
  readonly patterns?: readonly DevicePattern[]; // absent: none
  readonly testScenarios: readonly TestScenario[];
  readonly claims?: Claims; // its numbers as taken in a kernel; absent: none has been looked at
  readonly open?: OpenNumbers; // absent: the operator wrote them all, or an earlier version wrote this
}

/** Type-checks a configuration in the editor; returns it unchanged. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
