import type { Layer } from '../layer.ts';
import type { Family } from '../path.ts';
import type { EchoOptions } from '../primitives.ts';
import type { Provider } from '../provider.ts';
import type { TestResult } from '../test-result.ts';
import type { Probe } from '../test-scenario.ts';
import { OptionedScenario, type PolicyOptions } from './options.ts';
import { familiesOf, isLiteral } from './target.ts';

/** How large an echo is, and what its answer counts. */
export interface PingOptions extends PolicyOptions, EchoOptions {}

/** Sends one ICMP echo and passes when it is answered in time. */
export class TestScenarioPing extends OptionedScenario {
  readonly name: string;
  readonly target: string;
  readonly options: PingOptions;

  constructor(target: string, options: PingOptions = {}) {
    super();
    this.target = target;
    this.options = options;
    this.name = `ping ${target}`;
  }

  override get subject(): string {
    return this.target;
  }

  /** Its form in JSON. */
  get plain(): Readonly<Record<string, unknown>> {
    return { ping: this.target, ...this.options };
  }

  override get families(): readonly Family[] {
    return familiesOf(this.target);
  }

  override get layer(): Layer {
    return this.target === 'gateway' ? 'gateway' : 'target';
  }

  override get asksBeyondGateway(): boolean {
    return this.target !== 'gateway';
  }

  /** False for a name, which now and then must be resolved first. */
  override get isOneRoundTrip(): boolean {
    return this.target === 'gateway' || isLiteral(this.target);
  }

  runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    return probe.echo(this.target, this.options);
  }
}

/** An ICMP echo to an address, a name, or `'gateway'`. */
export function ping(target: string, options?: PingOptions): TestScenarioPing {
  return new TestScenarioPing(target, options);
}
