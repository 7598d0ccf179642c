import type { Layer } from '../layer.ts';
import type { Family } from '../path.ts';
import type { EchoOptions } from '../primitives.ts';
import type { Provider } from '../provider.ts';
import type { TestResult } from '../test-result.ts';
import { type Probe, TestScenario } from '../test-scenario.ts';
import { familiesOf, isLiteral } from './target.ts';

/** Sends one ICMP echo and passes when it is answered in time. */
export class TestScenarioPing extends TestScenario {
  readonly name: string;
  readonly target: string;
  readonly options: EchoOptions;

  constructor(target: string, options: EchoOptions = {}) {
    super();
    this.target = target;
    this.options = options;
    this.name = `ping ${target}`;
  }

  /** As JSON writes it. */
  get plain(): Readonly<Record<string, unknown>> {
    return { ping: this.target, ...this.options };
  }

  override get families(): readonly Family[] {
    return familiesOf(this.target);
  }

  override get layer(): Layer {
    return this.target === 'gateway' ? 'gateway' : 'target';
  }

  /** Not for a name: now and then it is resolved first. */
  override get isOneRoundTrip(): boolean {
    return this.target === 'gateway' || isLiteral(this.target);
  }

  runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    return probe.echo(this.target, this.options);
  }
}

/** An ICMP echo to an address, a name, or `'gateway'`. */
export function ping(target: string, options?: EchoOptions): TestScenarioPing {
  return new TestScenarioPing(target, options);
}
