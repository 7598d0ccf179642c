import type { Config } from '../../../models/config.ts';
import { IsolatedScenario, type OwnCode } from '../../../models/isolated-scenario.ts';
import type { Provider } from '../../../models/provider.ts';
import type { Probe } from '../../../models/test-scenario.ts';
import { type OwnParts, OwnScenarios } from './own-scenarios.ts';

/** The threads of all operator code in use: one, except for a moment when the configuration changes. */
export class OwnCodes {
  readonly #parts: OwnParts;
  readonly #known = new Map<OwnCode, OwnScenarios>();

  constructor(parts: OwnParts) {
    this.#parts = parts;
  }

  /** Runs a scenario once, in the thread of its code, with a probe of this thread. */
  run(scenario: IsolatedScenario, provider: Provider, probe: Probe): Promise<unknown> {
    return this.#of(scenario.code).run(scenario, provider, probe);
  }

  /** Starts the threads that a configuration needs, and ends the others. */
  configure(config: Config): void {
    const used = codesOf(config);
    for (const [code, scenarios] of this.#known) {
      if (used.has(code)) continue;
      scenarios.close();
      this.#known.delete(code);
    }
    for (const code of used) this.#of(code).start();
  }

  close(): void {
    for (const scenarios of this.#known.values()) scenarios.close();
    this.#known.clear();
  }

  #of(code: OwnCode): OwnScenarios {
    const known = this.#known.get(code);
    if (known !== undefined) return known;
    const fresh = new OwnScenarios(code, this.#parts);
    this.#known.set(code, fresh);
    return fresh;
  }
}

function codesOf({ testScenarios, providers, patterns = [] }: Config): ReadonlySet<OwnCode> {
  const all = [...providers, ...patterns.map(({ template }) => template)];
  const scenarios = [...testScenarios, ...all.flatMap((provider) => provider.testScenarios ?? [])];
  return new Set(scenarios.flatMap((each) => (each instanceof IsolatedScenario ? [each.code] : [])));
}
