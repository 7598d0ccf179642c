import type { Layer } from '../layer.ts';
import type { Provider } from '../provider.ts';
import type { TestResult } from '../test-result.ts';
import type { Probe } from '../test-scenario.ts';
import { OptionedScenario, type ScenarioOptions } from './options.ts';

/** Passes when the gateway answers ARP (IPv4) or neighbour discovery (IPv6), now. */
export class TestScenarioNeighbour extends OptionedScenario {
  readonly name = 'neighbour';
  readonly options: ScenarioOptions;

  constructor(options: ScenarioOptions = {}) {
    super();
    this.options = options;
  }

  /** Its form in JSON. */
  get plain(): Readonly<Record<string, unknown>> {
    return { neighbour: true, ...this.options };
  }

  override get layer(): Layer {
    return 'gateway';
  }

  override get asksBeyondGateway(): boolean {
    return false;
  }

  runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    return probe.neighbour();
  }
}

/** ARP or neighbour discovery of the gateway. */
export function neighbour(options?: ScenarioOptions): TestScenarioNeighbour {
  return new TestScenarioNeighbour(options);
}
