import type { Binding, Family } from './path.ts';
import type { Provider } from './provider.ts';
import type { TestResult } from './test-result.ts';

/**
 * One way to ask "does this provider work?". A scenario talks to the network only through the `probe` it is
 * handed, which is bound to the provider's own device and address.
 */
export abstract class TestScenario {
  /** Names the scenario and its target in reasons, records and statistics: `'ping 1.1.1.1'`. */
  abstract readonly name: string;

  /** The families it can run in. A literal target has one; a name has both. */
  get families(): readonly Family[] {
    return [4, 6];
  }

  /** Runs once. Must settle soon after `probe.signal` aborts; throwing is reported as "could not run". */
  abstract runTest(provider: Provider, probe: Probe): Promise<TestResult>;
}

/** The provider-bound primitives a scenario works with. */
export interface Probe {
  readonly family: Family;
  readonly binding: Binding;
  readonly timeoutMs: number; // how long an answer may take, adapted to the target's usual RTT
  readonly signal: AbortSignal; // aborts at the deadline
  /** One ICMP echo to a literal address or to `'gateway'`. Resolves, never rejects, within `timeoutMs`. */
  echo(target: string, options?: EchoOptions): Promise<TestResult>;
}

/** `size`: payload bytes of an echo, 1..65507. @default 56, as ping(8) sends */
export interface EchoOptions {
  readonly size?: number;
}
