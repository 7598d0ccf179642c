/** A runner in virtual time, whose echoes answer as a script says. */
import { mock } from 'node:test';
import type { CheckPlan } from '../../models/check-plan.ts';
import type { Config } from '../../models/config.ts';
import type { CheckEvent, LateEvent } from '../../models/event.ts';
import type { Binding, Family } from '../../models/path.ts';
import type { Provider } from '../../models/provider.ts';
import { ping } from '../../models/scenarios/ping.ts';
import type { TestResult } from '../../models/test-result.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import type { BoundEcho, EchoRequest } from '../../src/probes/echo/echo.ts';
import { createRunner } from '../../src/probes/runner.ts';
import { noAnswer } from '../../src/reach/failure.ts';
import { auto, exampleConfig, exampleProvider } from '../core/example.ts';

/** What an address does when it is asked: answers after so many ms, never (`undefined`), or fails. */
export type Behaviour = number | undefined | TestResult;

/** One echo as it was asked for. */
export interface Asked {
  readonly at: number;
  readonly address: string;
  readonly device: string;
  readonly timeoutMs: number;
}

/** Where the checks of these tests go through, unless changed. */
export const eth1: Binding = {
  interfaceName: 'eth1',
  interfaceIndex: 7,
  address: '10.1.1.1',
  network: '10.1.1.0/24',
  gateway: '10.1.1.254',
};

/** The three targets that stand for the internet. */
export const targets = ['1.1.1.1', '8.8.8.8', '9.9.9.9'];

/** A runner for the provider `fibre`, at 0 ms. Targets answer after 10 ms unless `behaviours` says otherwise. */
export function virtualLab(settings: Partial<Config> = {}) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  let echoesBound = 0;
  const asked: Asked[] = [];
  const events: (CheckEvent | LateEvent)[] = [];
  const behaviours = new Map<string, Behaviour>();
  const config = configured(settings);

  function answer(binding: Binding, address: string, request: EchoRequest): Promise<TestResult> {
    const { timeoutMs, onLate } = request;
    asked.push({ at: now, address, device: binding.interfaceName, timeoutMs });
    const behaviour = behaviours.has(address) ? behaviours.get(address) : 10;
    if (typeof behaviour === 'object') return Promise.resolve(behaviour);
    const rttMs = behaviour ?? Number.POSITIVE_INFINITY;
    if (rttMs !== Number.POSITIVE_INFINITY && rttMs > timeoutMs)
      setTimeout(() => onLate?.({ ok: true, rttMs }), rttMs);
    return new Promise((resolve) => {
      if (rttMs <= timeoutMs) setTimeout(() => resolve({ ok: true, rttMs }), rttMs);
      else setTimeout(() => resolve(noAnswer(timeoutMs)), timeoutMs);
    });
  }

  function bind(_family: Family, binding: Binding): BoundEcho {
    echoesBound += 1;
    return {
      echo: (address, request) => answer(binding, address, request),
      release() {
        echoesBound -= 1;
      },
    };
  }

  const random = { next: () => 0.999_999 }; // leaves the order as it is
  const runner = createRunner({
    config,
    echo: { means: 'ping sockets', reason: undefined, overheadMs: 0, bind },
    emit: (event) => void events.push(event),
    now: () => now,
    random: () => random.next(),
  });

  /** Lets virtual time go by, a millisecond after the other. */
  async function pass(ms: number): Promise<void> {
    await settled();
    for (let i = 0; i < ms; i += 1) {
      now += 1;
      mock.timers.tick(1);
      await settled();
    }
  }

  /** Lets time go by in which this process stands still. */
  async function standStill(ms: number): Promise<void> {
    await settled();
    now += ms;
    mock.timers.tick(ms);
    await pass(50);
  }

  return {
    runner,
    config,
    asked,
    events,
    behaviours,
    random,
    pass,
    standStill,
    now: () => now,
    bound: () => echoesBound,
    checks: () => events.filter((event) => event.type === 'check'),
    lates: () => events.filter((event) => event.type === 'late'),
    plan: (change: Partial<CheckPlan> = {}) => runner.schedule('fibre/4', planned({ at: now, ...change })),
    end(): void {
      runner.close();
      mock.timers.reset();
    },
  };
}

/** A plan for an instant, over eth1. */
export function planned(change: Partial<CheckPlan>): CheckPlan {
  return { at: 0, burst: false, binding: eth1, setAside: new Set(), ...change };
}

/** A provider of that id, on eth1, with both families. */
export function provider(id: string, testScenarios?: readonly TestScenario[]): Provider {
  return exampleProvider(0, { id, rtTableName: id, addressing: { 4: auto, 6: auto }, testScenarios });
}

/** A configuration of the provider `fibre`, pinging the targets. */
export function configured(settings: Partial<Config>): Config {
  const testScenarios = targets.map((target) => ping(target));
  return exampleConfig({ providers: [provider('fibre')], testScenarios, ...settings });
}

/** Lets every promise that can go on, go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
