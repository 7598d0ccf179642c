import type { Family } from '../path.ts';
import type { Provider } from '../provider.ts';
import type { TestResult } from '../test-result.ts';
import { type EchoOptions, type Probe, TestScenario } from '../test-scenario.ts';

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

  override get families(): readonly Family[] {
    if (this.target === 'gateway') return [4, 6];
    return this.target.includes(':') ? [6] : [4];
  }

  runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    return probe.echo(this.target, this.options);
  }
}

/** An ICMP echo to a literal address, or to `'gateway'`. */
export function ping(target: string, options?: EchoOptions): TestScenarioPing {
  return new TestScenarioPing(target, options);
}
