import type { CheckedProvider } from './checked-provider.ts';
import type { Layer } from './layer.ts';
import type { Binding, Family } from './path.ts';
import type {
  Connection,
  ConnectOptions,
  DnsQuery,
  DnsReply,
  EchoOptions,
  ExecOptions,
  ExecOutcome,
  FetchOptions,
  FetchReply,
} from './primitives.ts';
import type { ScenarioResult, TestResult } from './test-result.ts';

/**
 * One way to test "does this provider work?". A scenario talks to the network only through the `probe` it is given,
 * which is bound to the provider's own device and address.
 */
export abstract class TestScenario {
  /** Names the scenario and its target in reasons, records and statistics: `'ping 1.1.1.1'`. */
  abstract readonly name: string;

  /** The families it can run in. A literal target has one; a name has both. */
  get families(): readonly Family[] {
    return [4, 6];
  }

  /**
   * How long a run may take, ms. `undefined`: adapted to earlier runs, at least half of `checkTimeout` (`minOutage`, if
   * that is less) and at most all of it.
   */
  get timeoutMs(): number | undefined {
    return undefined;
  }

  /** What it tests: the layer that is broken when this fails while the layers below pass. */
  get layer(): Layer {
    return 'target';
  }

  /** Whether its target may be beyond the gateway, reached only by a route through it. */
  get asksBeyondGateway(): boolean {
    return true;
  }

  /**
   * Whether a run is one packet and its answer, so that its deadline may adapt to much less than half of
   * `checkTimeout`.
   */
  get isOneRoundTrip(): boolean {
    return false;
  }

  /** What a pass counts towards `requiredSuccessful`: a whole number, at least 1. */
  get weight(): number {
    return 1;
  }

  /** Whether a check passes only if this passes, whatever the others' results. */
  get required(): boolean {
    return false;
  }

  /** Its interval, ms, instead of running in each check; its last result counts meanwhile. `undefined`: each check. */
  get everyMs(): number | undefined {
    return undefined;
  }

  /** Runs once. Must settle soon after `probe.signal` aborts; throwing is reported as "could not run". */
  abstract runTest(provider: CheckedProvider, probe: Probe): Promise<ScenarioResult>;
}

/**
 * The provider-bound primitives a scenario works with. Those marked so reject with the reason in words; a scenario that
 * does not catch it has failed for that reason. What they open is closed when the run ends, at the latest at its
 * deadline.
 */
export interface Probe {
  readonly family: Family;
  readonly binding: Binding;
  readonly timeoutMs: number; // how long the run may take
  readonly signal: AbortSignal; // aborts at the deadline
  /** The MTU of the device, in bytes. @throws if the kernel does not report it */
  readonly deviceMtu: number;
  /** One ICMP echo to an address, a name or `'gateway'`. Resolves, never rejects, within `timeoutMs`. */
  echo(target: string, options?: EchoOptions): Promise<TestResult>;
  /** A TCP connection, with TLS if asked for. @throws the reason: refused, timed out, certificate expired, … */
  connect(host: string, port: number, options?: ConnectOptions): Promise<Connection>;
  /** One HTTP request. Resolves with any status. @throws the reason why there is no answer */
  fetch(url: string, options?: FetchOptions): Promise<FetchReply>;
  /** A name's first address in the path's family, resolved through the provider. @throws the reason */
  resolve(name: string): Promise<string>;
  /** One DNS query, over UDP, then over TCP. Resolves with any code. @throws the reason why there is no answer */
  query(name: string, options?: DnsQuery): Promise<DnsReply>;
  /** Whether the gateway answers ARP or neighbour discovery now. Resolves, never rejects. */
  neighbour(): Promise<TestResult>;
  /** Runs a program without a shell; it and all it started are killed at the deadline. @throws why it did not end */
  exec(program: readonly string[], options?: ExecOptions): Promise<ExecOutcome>;
}
