import type { TargetResult } from '../../../models/event.ts';
import type { Success, TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { type Finding, roundFailure } from './round-failure.ts';
import { tally, type Vote } from './tally.ts';

/** A scenario that is not run in each round, with its last result; `undefined`: none yet. */
export interface SlowScenario {
  readonly scenario: TestScenario;
  readonly lastResult: TestResult | undefined;
}

/** What a round runs, and how it reports. */
export interface RoundParts {
  readonly scenarios: readonly TestScenario[]; // run in each round, in this order
  readonly slow?: readonly SlowScenario[]; // those run less often
  readonly needed: number | 'all'; // weight that must pass
  readonly burst: boolean; // run all at once
  /**
   * Runs a scenario; its result never comes within the call. `isNews`: it failed, and had passed the time before.
   * `isSample`: it would have been run whatever the state of the line.
   */
  run(
    scenario: TestScenario,
    onResult: (result: TestResult, isNews: boolean) => void,
    isSample: boolean,
  ): void;
  /** Called once. `targets`: those that were run; `earlier`: earlier results of others that helped it fail. */
  onResult(result: TestResult, targets: readonly TargetResult[], earlier: readonly TargetResult[]): void;
}

/** One scenario in a round. */
interface Member {
  readonly scenario: TestScenario;
  readonly known: TestResult | undefined; // its result from before the round
  hasBegun: boolean;
  result: TestResult | undefined;
}

/**
 * One check: runs as many scenarios as must pass, the required ones among them, and all the rest at once if one of them
 * fails. It passes as soon as enough have passed, and fails as soon as enough no longer can.
 *
 * Those run less often count with their last results, as long as something passes in this round. They are run again at
 * once when one that passed before fails, and when nothing else can decide.
 */
export class Round {
  readonly #parts: RoundParts;
  readonly #regular: readonly Member[];
  readonly #slow: readonly Member[];
  readonly #members: readonly Member[]; // both kinds
  readonly #targets: TargetResult[] = [];
  #passed = 0;
  #timed = 0; // of those
  #rttSumMs = 0; // of the timed ones
  #untimedSumMs = 0;
  #over = false;

  constructor(parts: RoundParts) {
    this.#parts = parts;
    this.#regular = parts.scenarios.map((scenario) => member(scenario, undefined));
    this.#slow = (parts.slow ?? []).map(({ scenario, lastResult }) => member(scenario, lastResult));
    this.#members = this.#slow.length === 0 ? this.#regular : [...this.#regular, ...this.#slow];
  }

  start(): void {
    const { burst, needed } = this.#parts;
    this.#run(firstOf(this.#regular, needed), true);
    if (burst) this.#run(this.#members);
    this.#run(this.#slow.filter(({ known }) => known === undefined));
  }

  /** Ends it without a verdict; results still to come are ignored. */
  abandon(): void {
    this.#over = true;
  }

  /** Whether it would have passed had these answered in time. */
  passesWith(late: ReadonlySet<string>): boolean {
    const votes = this.#members.map((each) => vote(each, true, late.has(each.scenario.name)));
    return tally(votes, this.#parts.needed) === 'passed';
  }

  #run(members: readonly Member[], isSample = false): void {
    for (const each of members) {
      if (each.hasBegun) continue;
      each.hasBegun = true;
      const onResult = (result: TestResult, isNews: boolean): void => this.#onResult(each, result, isNews);
      this.#parts.run(each.scenario, onResult, isSample);
    }
  }

  #onResult(member: Member, result: TestResult, isNews: boolean): void {
    if (this.#over) return;
    member.result = result;
    this.#targets.push({ target: member.scenario.name, result });
    if (result.ok) this.#count(result);
    const votes = this.#members.map((each) => vote(each, this.#passed > 0));
    const verdict = tally(votes, this.#parts.needed);
    if (verdict === 'passed') this.#finish(this.#success());
    else if (verdict === 'failed') this.#fail();
    else this.#continue(isNews);
  }

  /** Runs the scenarios that can still decide the round. */
  #continue(isNews: boolean): void {
    if (isNews) this.#run(this.#slow);
    if (this.#targets.some((target) => !target.result.ok)) this.#run(this.#regular);
    if (!this.#members.some((each) => each.hasBegun && !each.result)) this.#run(this.#members);
  }

  #count(result: Success): void {
    this.#passed += 1;
    if (result.untimed) this.#untimedSumMs += result.rttMs;
    else {
      this.#timed += 1;
      this.#rttSumMs += result.rttMs;
    }
  }

  #success(): Success {
    if (this.#timed > 0) return { ok: true, rttMs: this.#rttSumMs / this.#timed };
    return { ok: true, rttMs: this.#untimedSumMs / this.#passed, untimed: true };
  }

  #fail(): void {
    const earlier = this.#slow.flatMap(({ scenario, hasBegun, known }) =>
      hasBegun || known === undefined || known.ok ? [] : [{ scenario, result: known }],
    );
    this.#finish(
      roundFailure([...this.#targets.flatMap((target) => this.#findingOf(target)), ...earlier]),
      earlier.map(({ scenario, result }) => ({ target: scenario.name, result })),
    );
  }

  #findingOf({ target, result }: TargetResult): Finding[] {
    const found = this.#members.find(({ scenario }) => scenario.name === target);
    return found === undefined ? [] : [{ scenario: found.scenario, result }];
  }

  #finish(result: TestResult, earlier: readonly TargetResult[] = []): void {
    this.#over = true;
    this.#parts.onResult(result, this.#targets, earlier);
  }
}

function member(scenario: TestScenario, known: TestResult | undefined): Member {
  return { scenario, known, hasBegun: false, result: undefined };
}

/** An earlier pass alone proves nothing: the line may have died since. */
function vote({ scenario, hasBegun, result, known }: Member, somethingPasses: boolean, isLate = false): Vote {
  const { weight, required } = scenario;
  const found = hasBegun ? result : known;
  const counts = isLate || (found?.ok === true && (hasBegun || somethingPasses));
  if (counts) return { weight, required, verdict: 'passed' };
  if (found === undefined || found.ok) return { weight, required, verdict: 'open' };
  return { weight, required, verdict: found.code === 'not-run' ? 'none' : 'failed' };
}

/** The required ones, then as many of the others, in order, as are needed. */
function firstOf(members: readonly Member[], needed: number | 'all'): readonly Member[] {
  if (needed === 'all') return members;
  let weight = 0;
  const first = members.filter(({ scenario }) => scenario.required);
  for (const { scenario } of first) weight += scenario.weight;
  for (const each of members) {
    if (weight >= needed) break;
    if (each.scenario.required) continue;
    first.push(each);
    weight += each.scenario.weight;
  }
  return first;
}
