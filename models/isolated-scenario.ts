import type { Layer } from './layer.ts';
import type { Family } from './path.ts';
import type { TestResult } from './test-result.ts';
import { TestScenario } from './test-scenario.ts';

/** Code of an operator's configuration, ready to run in a thread of its own. */
export interface OwnCode {
  readonly file: string; // the configuration it comes from
  readonly text: string; // a JavaScript module with its imports; its default export is the configuration as written
  readonly map: string; // its source map, as JSON: from which lines of the operator's files it was made
}

/** The place of something in a configuration: `['testScenarios', 0]`. */
export type Place = readonly (string | number)[];

/** A scenario's own description. */
export type ScenarioTraits = Pick<
  TestScenario,
  | 'name'
  | 'families'
  | 'timeoutMs'
  | 'layer'
  | 'asksBeyondGateway'
  | 'isOneRoundTrip'
  | 'weight'
  | 'required'
  | 'everyMs'
>;

/**
 * A scenario of the operator's own: its traits when the configuration was read. Its code never runs in this process's
 * main thread, where it could hang or end the daemon.
 */
export class IsolatedScenario extends TestScenario {
  readonly name: string;
  readonly #traits: ScenarioTraits;
  readonly #code: OwnCode;
  readonly #place: Place;

  constructor(traits: ScenarioTraits, code: OwnCode, place: Place) {
    super();
    this.name = traits.name;
    this.#traits = traits;
    this.#code = code;
    this.#place = place;
  }

  /** Where its code is. */
  get code(): OwnCode {
    return this.#code;
  }

  /** Its place in the configuration that the code exports. */
  get place(): Place {
    return this.#place;
  }

  override get families(): readonly Family[] {
    return this.#traits.families;
  }

  override get timeoutMs(): number | undefined {
    return this.#traits.timeoutMs;
  }

  override get layer(): Layer {
    return this.#traits.layer ?? super.layer; // an object of a class not ours may lack it
  }

  override get asksBeyondGateway(): boolean {
    return this.#traits.asksBeyondGateway ?? super.asksBeyondGateway;
  }

  override get isOneRoundTrip(): boolean {
    return this.#traits.isOneRoundTrip ?? super.isOneRoundTrip;
  }

  override get weight(): number {
    return this.#traits.weight ?? super.weight;
  }

  override get required(): boolean {
    return this.#traits.required ?? super.required;
  }

  override get everyMs(): number | undefined {
    return this.#traits.everyMs;
  }

  runTest(): Promise<TestResult> {
    return Promise.resolve({ ok: false, code: 'not-run', reason: 'it runs only in a thread of its own' });
  }
}
