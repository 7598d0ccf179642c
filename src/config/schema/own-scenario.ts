import type { Layer } from '../../../models/layer.ts';
import type { Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import type { ScenarioResult } from '../../../models/test-result.ts';
import { type Probe, TestScenario } from '../../../models/test-scenario.ts';

/** An operator's scenario that has no name of its own, or is a function. */
export class OwnScenario extends TestScenario {
  readonly name: string;
  readonly #scenario: Pick<TestScenario, 'runTest'> & Partial<TestScenario>;
  readonly #written: unknown;

  /** `written`: what the operator wrote, if that is not the scenario itself. */
  constructor(
    name: string,
    scenario: Pick<TestScenario, 'runTest'> & Partial<TestScenario>,
    written: unknown = scenario,
  ) {
    super();
    this.name = name;
    this.#scenario = scenario;
    this.#written = written;
  }

  /** What the operator wrote: an object with `runTest`, or a function. */
  get written(): unknown {
    return this.#written;
  }

  override get families(): readonly Family[] {
    return this.#scenario.families ?? super.families;
  }

  override get timeoutMs(): number | undefined {
    return this.#scenario.timeoutMs;
  }

  override get layer(): Layer {
    return this.#scenario.layer ?? super.layer;
  }

  override get isOneRoundTrip(): boolean {
    return this.#scenario.isOneRoundTrip ?? false;
  }

  override get asksBeyondGateway(): boolean {
    return this.#scenario.asksBeyondGateway ?? super.asksBeyondGateway;
  }

  override get weight(): number {
    return this.#scenario.weight ?? super.weight;
  }

  override get required(): boolean {
    return this.#scenario.required ?? super.required;
  }

  override get everyMs(): number | undefined {
    return this.#scenario.everyMs;
  }

  runTest(provider: Provider, probe: Probe): Promise<ScenarioResult> {
    return this.#scenario.runTest(provider, probe);
  }
}
