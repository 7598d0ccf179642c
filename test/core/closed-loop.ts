/**
 * The core and the real runner in virtual time: the core plans and judges, the runner asks, and a made-up network answers.
 * Slower than `simulate`, which plays the runner, and true to which scenarios a round asks.
 */
import { mock } from 'node:test';
import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import type { Provider } from '../../models/provider.ts';
import type { TestResult } from '../../models/test-result.ts';
import { type Probe, TestScenario } from '../../models/test-scenario.ts';
import { nextCheck } from '../../src/core/schedule/next-check.ts';
import { initial, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import type { BoundEcho, EchoRequest } from '../../src/probes/echo/echo.ts';
import { createRunner } from '../../src/probes/runner.ts';
import { noAnswer } from '../../src/reach/failure.ts';
import { exampleLinks, start } from './example.ts';

/** Whether someone answers through a provider, ms after the start. */
export type Answers = (provider: string, ms: number) => boolean;

/** What is played. */
export interface Play {
  readonly config: Config;
  readonly pings: (target: string) => Answers;
  readonly forMs: number;
  readonly random?: () => number; // @default the middle
}

/** What came of it. */
export interface Played {
  readonly state: State;
  readonly decisions: readonly Decision[];
  readonly switches: readonly {
    readonly ms: number;
    readonly to: string | undefined;
    readonly reason: string;
  }[];
}

const grainMs = 5;
const rttMs = 20;

interface Policy {
  readonly weight?: number;
  readonly required?: boolean;
  readonly everyMs?: number;
}

/** A scenario that is no ping: answers after three round trips. `asked` is when it was, by provider. */
export class Dear extends TestScenario {
  readonly name = 'http site';
  readonly asked: { readonly provider: string; readonly ms: number }[] = [];
  readonly #answers: Answers;
  readonly #policy: Policy;

  constructor(answers: Answers, policy: Policy = {}) {
    super();
    this.#answers = answers;
    this.#policy = policy;
  }

  override get weight(): number {
    return this.#policy.weight ?? super.weight;
  }

  override get required(): boolean {
    return this.#policy.required ?? super.required;
  }

  override get everyMs(): number | undefined {
    return this.#policy.everyMs;
  }

  runTest({ id }: Provider, probe: Probe): Promise<TestResult> {
    const ms = clock - start;
    this.asked.push({ provider: id, ms });
    const failed = { ok: false, code: 'portal', reason: 'status 302: captive portal' } as const;
    const result = this.#answers(id, ms) ? ({ ok: true, rttMs } as const) : failed;
    return new Promise((resolve) => {
      if (probe.timeoutMs > 0) setTimeout(() => resolve(result), 3 * rttMs);
    });
  }
}

let clock = start; // of the play that is on

/** Plays a scene from the first reading of the devices to its end. */
export async function play({ config, pings, forMs, random = () => 0.5 }: Play): Promise<Played> {
  mock.timers.enable({ apis: ['setTimeout'] });
  clock = start;
  const state = initial(config, start);
  const decisions: Decision[] = [];
  const runner = createRunner({
    config,
    echo: {
      means: 'ping sockets',
      reason: undefined,
      overheadMs: 0,
      bind: (_, { interfaceName }) => line(interfaceName),
    },
    emit: take,
    now: () => clock,
    random,
  });

  function line(device: string): BoundEcho {
    const { id = '' } = config.providers.find(({ interfaceName }) => interfaceName === device) ?? {};
    return {
      echo: (address, request) => echo(pings(address)(id, clock - start), request),
      release: () => undefined,
    };
  }

  function take(event: Event): void {
    const { decisions: news, effects } = step(state, event);
    decisions.push(...news);
    if (effects.checks === 'none') return;
    for (const path of state.paths.values())
      if (effects.checks === 'all' || effects.checks.includes(path.key))
        runner.schedule(path.key, nextCheck(state, path));
  }

  take({ type: 'links', at: start, links: exampleLinks(config.providers.length) });
  for (let tickAt = start + 1000; clock < start + forMs; ) {
    clock += grainMs;
    mock.timers.tick(grainMs);
    await new Promise((resolve) => setImmediate(resolve));
    if (clock < tickAt) continue;
    tickAt += 1000;
    take({ type: 'tick', at: clock });
  }
  runner.close();
  mock.timers.reset();
  const switches = decisions
    .filter(({ kind }) => kind === 'switch')
    .map(({ at, to, reason }) => ({ ms: at - start, to, reason }));
  return { state, decisions, switches };
}

function echo(isAnswered: boolean, { timeoutMs }: EchoRequest): Promise<TestResult> {
  return new Promise((resolve) => {
    if (isAnswered && rttMs <= timeoutMs) setTimeout(() => resolve({ ok: true, rttMs }), rttMs);
    else setTimeout(() => resolve(noAnswer(timeoutMs)), timeoutMs);
  });
}
