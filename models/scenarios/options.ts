import { TestScenario } from '../test-scenario.ts';

/** The options of every scenario: what its result counts, and how often it runs. */
export interface PolicyOptions {
  /** What a pass counts towards `requiredSuccessful`. @default 1 */
  readonly weight?: number;
  /** Must pass for a check to pass, whatever the others' results. @default false */
  readonly required?: boolean;
  /**
   * Its interval, instead of each check; also run at once when another fails: seconds as a number, or
   * `'30s'`, `'5m'`.
   */
  readonly every?: number | string;
}

/** The options of every scenario except `ping`. */
export interface ScenarioOptions extends PolicyOptions {
  /**
   * How long a run may take: seconds as a number, or `'250ms'`, `'5s'`. Unset, it adapts between half of
   * `checkTimeout` (`minOutage`, if that is less) and all of it.
   */
  readonly timeout?: number | string;
}

/** A scenario of ours: its options say how it probes, and what its result counts. */
export abstract class OptionedScenario extends TestScenario {
  abstract readonly options: ScenarioOptions;

  /** What it probes, as named in a reason that several scenarios share: `'1.1.1.1'` of `'ping 1.1.1.1'`. */
  get subject(): string {
    return this.name;
  }

  override get timeoutMs(): number | undefined {
    return msOf(this.options.timeout);
  }

  override get weight(): number {
    return this.options.weight ?? super.weight;
  }

  override get required(): boolean {
    return this.options.required ?? super.required;
  }

  override get everyMs(): number | undefined {
    return msOf(this.options.every);
  }
}

/** A duration in ms. The configuration has turned text into seconds by the time anything runs. */
function msOf(time: number | string | undefined): number | undefined {
  return typeof time === 'number' ? time * 1000 : undefined;
}

/** A text or pattern as shown in reasons. */
export function spellPattern(pattern: string | RegExp): string {
  return typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
}

/** Whether a text contains another, or matches a pattern. */
export function contains(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) !== -1;
}
