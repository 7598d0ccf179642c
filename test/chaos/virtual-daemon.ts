/** The daemon in virtual time: the real core and the real runner, with a made-up kernel and network. */
import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import type { TestResult } from '../../models/test-result.ts';
import { desired } from '../../src/core/routes/desired.ts';
import { diff } from '../../src/core/routes/diff.ts';
import { nextCheck } from '../../src/core/schedule/next-check.ts';
import { recoverMemory } from '../../src/core/start.ts';
import type { Memory } from '../../src/core/state/memory.ts';
import { memoryOf } from '../../src/core/state/memory-of.ts';
import { initial, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import type { BoundEcho, Echo, EchoRequest } from '../../src/probes/echo/echo.ts';
import { createRunner, type Runner } from '../../src/probes/runner.ts';
import { noAnswer } from '../../src/reach/failure.ts';
import { start } from '../core/example.ts';
import type { FakeKernel } from '../core/fake-kernel.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { VirtualWorld } from './virtual-world.ts';

const noticeMs = 5; // from a change in the kernel until it has been read
const applyMs = 2;
const refusedMs = 250;
const saveMs = 50;
const longestSaveMs = 60_000;

/** What the daemon runs in. */
export interface VirtualSurroundings {
  readonly config: Config;
  readonly clock: VirtualClock;
  readonly world: VirtualWorld;
  readonly kernel: FakeKernel;
  readonly random: () => number;
  decided(decision: Decision): void;
  took?(event: Event): void;
  /** Runs one change of the kernel. */
  change(run: () => void): void;
}

/** What it remembers from one run to the next. */
interface Saved {
  readonly atMs: number;
  readonly memory: Memory;
}

export class VirtualDaemon {
  state: State;
  readonly #with: VirtualSurroundings;
  #runner: Runner | undefined;
  #saved: Saved | undefined;
  #isSaving = false;
  #isApplying = false;

  constructor(surroundings: VirtualSurroundings) {
    this.#with = surroundings;
    this.state = initial(surroundings.config, start);
  }

  start(): void {
    const { config, clock, world, kernel, random } = this.#with;
    const links = world.links(clock.nowMs);
    const memory = recoverMemory(config, kernel.own(), links, asReadBack(this.#saved?.memory));
    this.state = initial(config, this.#now(), memory);
    this.#isSaving = false;
    this.#isApplying = false;
    const echo: Echo = {
      means: 'ping sockets',
      reason: undefined,
      overheadMs: 0,
      bind: (_, { interfaceName, address }) => this.#bound(interfaceName, address),
    };
    this.#runner = createRunner({
      config,
      echo,
      emit: (event) => this.take(event),
      now: () => this.#now(),
      random,
    });
    this.take({ type: 'links', at: this.#now(), links });
    this.#tick();
  }

  kill(): void {
    this.#runner?.close();
    this.#runner = undefined;
    this.#with.clock.kill();
  }

  reload(): void {
    const config = { ...this.#with.config };
    this.take({ type: 'config', at: this.#now(), config });
    this.#runner?.configure(this.state.config);
    this.#plan('all');
  }

  /** Something changed in the kernel. */
  noticed(what: 'links' | 'routes'): void {
    const { clock, world } = this.#with;
    clock.process(clock.nowMs + noticeMs, () => {
      if (what === 'links') this.take({ type: 'links', at: this.#now(), links: world.links(clock.nowMs) });
      this.#apply();
    });
  }

  take(event: Event): void {
    this.#with.took?.(event);
    const { decisions, effects } = step(this.state, event);
    for (const decision of decisions) this.#with.decided(decision);
    if (decisions.length > 0) this.#saveSoon();
    if (effects.routes !== 'none') this.#applyIn(applyMs);
    this.#plan(effects.checks);
    this.#with.clock.unsettle();
  }

  #now(): number {
    return start + this.#with.clock.nowMs;
  }

  #plan(which: 'all' | 'none' | readonly string[]): void {
    if (which === 'none') return;
    for (const path of this.state.paths.values())
      if (which === 'all' || which.includes(path.key))
        this.#runner?.schedule(path.key, nextCheck(this.state, path));
  }

  #tick(): void {
    const { clock } = this.#with;
    clock.process(clock.nowMs + 1000, () => {
      this.take({ type: 'tick', at: this.#now() });
      if (clock.nowMs - (this.#saved?.atMs ?? 0) >= longestSaveMs) this.#save();
      this.#tick();
    });
  }

  #applyIn(ms: number): void {
    if (this.#isApplying) return;
    this.#isApplying = true;
    const { clock } = this.#with;
    clock.process(clock.nowMs + ms, () => this.#apply());
  }

  #apply(): void {
    const { clock, kernel, world, change } = this.#with;
    this.#isApplying = false;
    const routes = desired(this.state);
    if (routes === undefined) return;
    let isRefused = false;
    for (const operation of diff(routes, kernel.own())) {
      const device = 'route' in operation ? operation.route.dev : undefined;
      const isGone = device !== undefined && !hasAddress(world, device, clock.nowMs);
      if (isGone && operation.action !== 'delete') isRefused = true;
      else change(() => kernel.apply(operation));
    }
    if (isRefused) this.#applyIn(refusedMs);
  }

  #saveSoon(): void {
    if (this.#isSaving) return;
    this.#isSaving = true;
    const { clock } = this.#with;
    clock.process(clock.nowMs + saveMs, () => this.#save());
  }

  #save(): void {
    this.#isSaving = false;
    this.#saved = { atMs: this.#with.clock.nowMs, memory: memoryOf(this.state) };
  }

  #bound(device: string, from: string): BoundEcho {
    const line = this.#with.world.lines.findIndex((each) => each.device === device);
    return {
      echo: (address, request) => this.#echo(line, { address, from }, request),
      release: () => undefined,
    };
  }

  #echo(
    line: number,
    { address, from }: { readonly address: string; readonly from: string },
    { timeoutMs, onLate }: EchoRequest,
  ): Promise<TestResult> {
    const { clock, world } = this.#with;
    const rttMs = world.echo(line, address, from, clock.nowMs);
    const { nowMs } = clock;
    return new Promise((resolve) => {
      const settle = (result: TestResult): void => {
        clock.unsettle();
        resolve(result);
      };
      if (rttMs !== undefined && rttMs <= timeoutMs) {
        clock.process(nowMs + rttMs, () => settle({ ok: true, rttMs }));
        return;
      }
      clock.process(nowMs + timeoutMs, () => settle(noAnswer(timeoutMs)));
      if (rttMs !== undefined) clock.process(nowMs + rttMs, () => onLate?.({ ok: true, rttMs }));
    });
  }
}

function asReadBack(memory: Memory | undefined): Memory | undefined {
  return memory === undefined ? undefined : JSON.parse(JSON.stringify(memory));
}

function hasAddress(world: VirtualWorld, device: string, ms: number): boolean {
  const link = world.links(ms).links.find(({ name }) => name === device);
  return link !== undefined && link.addresses.length > 0;
}
