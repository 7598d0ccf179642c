import type { TargetResult } from '../../../models/event.ts';
import type { TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { type Finding, roundFailure } from './round-failure.ts';
import { tally, type Vote } from './tally.ts';

/** A scenario that is not asked in each round, with what it found last; `undefined`: nothing yet. */
export interface Standing {
  readonly scenario: TestScenario;
  readonly result: TestResult | undefined;
}

/** What a round does and whom it tells. */
export interface RoundParts {
  readonly scenarios: readonly TestScenario[]; // asked in each round, in the order to ask
  readonly standing?: readonly Standing[]; // those asked less often
  readonly needed: number | 'all'; // weight that must pass
  readonly burst: boolean; // ask all at once
  /** Never settles within the call. `isNews`: it failed, and passed when it was asked before. */
  ask(scenario: TestScenario, settle: (result: TestResult, isNews: boolean) => void): void;
  /** `targets`: those that were asked; `standing`: what others found before and failed it too. */
  finish(result: TestResult, targets: readonly TargetResult[], standing: readonly TargetResult[]): void;
}

/** One scenario in a round. */
interface Member {
  readonly scenario: TestScenario;
  readonly known: TestResult | undefined; // what it found before the round
  isAsked: boolean;
  result: TestResult | undefined;
}

/**
 * One check: asks as many scenarios as must pass, the required ones among them, and all the rest at once when one of
 * them does not. It passes as soon as enough passed, and fails as soon as enough cannot pass any more.
 *
 * Those asked less often count with what they found last, as long as something passes in this round. They are asked
 * anew, at once, when one fails that passed before, and when nothing else can decide.
 */
export class Round {
  readonly #parts: RoundParts;
  readonly #regular: readonly Member[];
  readonly #slow: readonly Member[];
  readonly #members: readonly Member[]; // both
  readonly #targets: TargetResult[] = [];
  #passed = 0;
  #rttSumMs = 0;
  #over = false;

  constructor(parts: RoundParts) {
    this.#parts = parts;
    this.#regular = parts.scenarios.map((scenario) => member(scenario, undefined));
    this.#slow = (parts.standing ?? []).map(({ scenario, result }) => member(scenario, result));
    this.#members = this.#slow.length === 0 ? this.#regular : [...this.#regular, ...this.#slow];
  }

  start(): void {
    const { burst, needed } = this.#parts;
    this.#ask(burst ? this.#members : firstOf(this.#regular, needed));
    this.#ask(this.#slow.filter(({ known }) => known === undefined));
  }

  /** Ends it without a verdict; what is under way is no longer listened to. */
  abandon(): void {
    this.#over = true;
  }

  /** Whether it would have passed if these had answered in time. */
  passesWith(late: ReadonlySet<string>): boolean {
    const votes = this.#members.map((each) => vote(each, true, late.has(each.scenario.name)));
    return tally(votes, this.#parts.needed) === 'passed';
  }

  #ask(members: readonly Member[]): void {
    for (const each of members) {
      if (each.isAsked) continue;
      each.isAsked = true;
      this.#parts.ask(each.scenario, (result, isNews) => this.#settled(each, result, isNews));
    }
  }

  #settled(settled: Member, result: TestResult, isNews: boolean): void {
    if (this.#over) return;
    settled.result = result;
    this.#targets.push({ target: settled.scenario.name, result });
    if (result.ok) {
      this.#passed += 1;
      this.#rttSumMs += result.rttMs;
    }
    const votes = this.#members.map((each) => vote(each, this.#passed > 0));
    const verdict = tally(votes, this.#parts.needed);
    if (verdict === 'passed') this.#finish({ ok: true, rttMs: this.#rttSumMs / this.#passed });
    else if (verdict === 'failed') this.#fail();
    else this.#askOn(isNews);
  }

  /** Asks those who may still decide. */
  #askOn(isNews: boolean): void {
    if (isNews) this.#ask(this.#slow);
    if (this.#targets.some((target) => !target.result.ok)) this.#ask(this.#regular);
    if (!this.#members.some((each) => each.isAsked && !each.result)) this.#ask(this.#members);
  }

  #fail(): void {
    const standing = this.#slow.flatMap(({ scenario, isAsked, known }) =>
      isAsked || known === undefined || known.ok ? [] : [{ scenario, result: known }],
    );
    this.#finish(
      roundFailure([...this.#targets.flatMap((target) => this.#findingOf(target)), ...standing]),
      standing.map(({ scenario, result }) => ({ target: scenario.name, result })),
    );
  }

  #findingOf({ target, result }: TargetResult): Finding[] {
    const found = this.#members.find(({ scenario }) => scenario.name === target);
    return found === undefined ? [] : [{ scenario: found.scenario, result }];
  }

  #finish(result: TestResult, standing: readonly TargetResult[] = []): void {
    this.#over = true;
    this.#parts.finish(result, this.#targets, standing);
  }
}

function member(scenario: TestScenario, known: TestResult | undefined): Member {
  return { scenario, known, isAsked: false, result: undefined };
}

/** What passed before proves nothing alone: the line may have died since. */
function vote({ scenario, isAsked, result, known }: Member, somethingPasses: boolean, isLate = false): Vote {
  const { weight, required } = scenario;
  const found = isAsked ? result : known;
  const counts = isLate || (found?.ok === true && (isAsked || somethingPasses));
  if (counts) return { weight, required, verdict: 'passed' };
  if (found === undefined || found.ok) return { weight, required, verdict: 'open' };
  return { weight, required, verdict: found.code === 'not-run' ? 'none' : 'failed' };
}

/** The required ones, and of the others, in their order, as many as it takes. */
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
