import { isIP } from 'node:net';
import type { PathMtu } from '../../../models/layer.ts';
import type { Binding, Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { TestScenarioHttp } from '../../../models/scenarios/http.ts';
import { headerBytes, mtu } from '../../../models/scenarios/mtu.ts';
import { TestScenarioPing } from '../../../models/scenarios/ping.ts';
import { TestScenarioTcp } from '../../../models/scenarios/tcp.ts';
import type { TestResult } from '../../../models/test-result.ts';
import { type Probe, TestScenario } from '../../../models/test-scenario.ts';
import { ReachError } from '../../reach/reach-error.ts';
import { defaultEchoSize } from '../echo/echo.ts';
import { mtuOf, reportedMtu } from '../echo/path-mtu.ts';
import type { PathSettings } from '../path-settings.ts';

type Run = (scenario: TestScenario, timeoutMs: number) => Promise<TestResult>;

const mostTargets = 3;
const rungs = 16;
const mostRounds = 3;

/**
 * Whether a packet of the device's MTU gets through to one of the checks' targets; if to none, the largest that does.
 * `undefined` when none of them answers an echo at all.
 */
export async function measureMtu(
  { family, scenarios }: Pick<PathSettings, 'family' | 'scenarios'>,
  binding: Binding,
  timeoutMs: number,
  run: Run,
): Promise<PathMtu | undefined> {
  const size = sizeOf(binding, family);
  if (size === undefined) return undefined;
  const swallowed: string[] = [];
  for (const target of targetsOf(scenarios).slice(0, mostTargets)) {
    const result = await run(mtu(target), timeoutMs);
    if (result.ok) return { target, size, passes: true };
    if (result.code === 'too-large') swallowed.push(target);
  }
  const [target] = swallowed;
  if (target === undefined) return undefined;
  if ((await run(mtu(target), timeoutMs)).ok) return { target, size, passes: true }; // one lost packet is no verdict
  const reported = isIP(target) === family ? reportedMtu(family, binding, target) : undefined;
  const largest = await largestPacket({ family, target, size, reported }, timeoutMs, run);
  return {
    target,
    size,
    passes: false,
    ...(largest === undefined ? {} : { largest }),
    ...(reported === undefined || reported !== largest ? {} : { told: reported }),
  };
}

function sizeOf(binding: Binding, family: Family): number | undefined {
  try {
    return mtuOf(binding, family);
  } catch (error) {
    if (error instanceof ReachError) return undefined; // the device is going away; its path will be bound again
    throw error;
  }
}

/** The checks' targets beyond the gateway, those of pings first: they answer echoes. */
function targetsOf(scenarios: readonly TestScenario[]): string[] {
  const pings = scenarios.flatMap((scenario) =>
    scenario instanceof TestScenarioPing ? [scenario.target] : [],
  );
  const others = scenarios.flatMap((scenario) => {
    if (scenario instanceof TestScenarioTcp) return [scenario.host];
    return scenario instanceof TestScenarioHttp ? [scenario.hostname] : [];
  });
  return [...new Set([...pings, ...others])].filter((target) => target !== 'gateway' && target !== '');
}

interface Wall {
  readonly family: Family;
  readonly target: string;
  readonly size: number; // does not pass
  readonly reported: number | undefined;
}

/** The largest packet that passes: what a router reported, if that holds, otherwise by sending ever closer sizes. */
async function largestPacket(
  { family, target, size, reported }: Wall,
  timeoutMs: number,
  run: Run,
): Promise<number | undefined> {
  if (reported !== undefined) {
    const ladder = new Ladder(target, [reported]);
    await run(ladder, timeoutMs);
    if (ladder.highest === reported) return reported;
  }
  let passes = headerBytes[family] + defaultEchoSize;
  let fails = size;
  for (let round = 0; round < mostRounds && fails - passes > 1; round += 1) {
    const step = Math.max(1, Math.ceil((fails - passes) / (rungs + 1)));
    const sizes = Array.from({ length: rungs }, (_, i) => passes + (i + 1) * step).filter((n) => n < fails);
    const ladder = new Ladder(target, sizes);
    await run(ladder, timeoutMs);
    fails = sizes.find((n) => n > (ladder.highest ?? passes)) ?? fails;
    passes = ladder.highest ?? passes;
  }
  return passes;
}

/** Packets of several sizes, all at once. */
class Ladder extends TestScenario {
  readonly name = 'sizes';
  readonly #target: string;
  readonly #sizes: readonly number[];
  highest: number | undefined; // the largest answered so far

  constructor(target: string, sizes: readonly number[]) {
    super();
    this.#target = target;
    this.#sizes = sizes;
  }

  async runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    const climb = async (size: number): Promise<void> => {
      const { ok } = await probe.echo(this.#target, { size: size - headerBytes[probe.family], whole: true });
      if (ok) this.highest = Math.max(size, this.highest ?? 0);
    };
    await Promise.all(this.#sizes.map(climb));
    return { ok: true, rttMs: 0 };
  }
}
