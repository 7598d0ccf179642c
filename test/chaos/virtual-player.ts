/** Plays a schedule in virtual time: an hour takes well under a second. */
import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import type { PathKey } from '../../models/path.ts';
import { mainTable, type Route } from '../../models/route.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { failbackWait } from '../../src/core/election/failback-wait.ts';
import { desired } from '../../src/core/routes/desired.ts';
import type { State } from '../../src/core/state/state.ts';
import { start } from '../core/example.ts';
import { FakeKernel, sortedLines } from '../core/fake-kernel.ts';
import { chanceFrom } from '../core/simulate.ts';
import {
  type Absence,
  type Active,
  type Gap,
  type Observed,
  spellDecisions,
  switchesOf,
  verdictsOf,
} from './observed.ts';
import { endOf, type Fault, type ForeignDefault, isLineFault, type Schedule, targets } from './schedule.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualDaemon } from './virtual-daemon.ts';
import { VirtualWorld } from './virtual-world.ts';

/** What else to do while a schedule is played. */
export interface PlayOptions {
  readonly settings?: Readonly<Record<string, unknown>>; // of the configuration. @default all defaults
  took?(event: Event): void; // what the core is given
}

/** The configuration of a schedule: default settings, addresses read from the kernel. */
export function configOf({ lines }: Schedule, settings: Readonly<Record<string, unknown>> = {}): Config {
  const providers = lines.map(({ id, device }, index) => ({
    id,
    interfaceName: device,
    gateway: `10.10.${index + 1}.254`,
    ipv6Address: 'none',
  }));
  const testScenarios = targets.map((target) => ({ ping: target }));
  const parsed = parseConfig(
    { testScenarios, ...settings, providers },
    { file: '/etc/failover/config.json' },
  );
  if (!parsed.ok) throw new Error(parsed.mistakes.map((each) => JSON.stringify(each)).join('\n'));
  return parsed.config;
}

/** Plays a schedule from the first reading of the devices to its end. */
export async function playVirtually(schedule: Schedule, options: PlayOptions = {}): Promise<Observed> {
  const player = new Player(schedule, options);
  try {
    return await player.play();
  } finally {
    player.close();
  }
}

class Player {
  readonly #schedule: Schedule;
  readonly #clock = new VirtualClock();
  readonly #world: VirtualWorld;
  readonly #kernel = new FakeKernel({ routes: [], rules: [] });
  readonly #daemon: VirtualDaemon;
  readonly #active: Active[] = [{ atMs: 0, line: undefined, foreign: false }];
  readonly #absences: Absence[] = [];
  readonly #gaps: Gap[] = [];
  readonly #decisions: Decision[] = [];
  readonly #refused: { atMs: number; text: string }[] = [];
  #hadDefault = false;

  constructor(schedule: Schedule, { settings, took }: PlayOptions) {
    this.#schedule = schedule;
    this.#world = new VirtualWorld(schedule);
    this.#daemon = new VirtualDaemon({
      config: configOf(schedule, settings),
      clock: this.#clock,
      world: this.#world,
      kernel: this.#kernel,
      random: chanceFrom(schedule.seed ^ 0xd1ce),
      decided: (decision) => void this.#decisions.push(decision),
      ...(took === undefined ? {} : { took }),
      change: (run) => this.#change(run),
    });
  }

  async play(): Promise<Observed> {
    const { forMs, faults } = this.#schedule;
    const lines = this.#schedule.lines.map(({ id }) => id);
    this.#clock.install();
    for (const fault of faults) this.#plan(fault);
    this.#clock.process(0, () => this.#daemon.start());
    await this.#clock.run(forMs);
    return {
      forMs,
      lines,
      truth: this.#world.truth,
      active: this.#active,
      switches: switchesOf(this.#decisions, lines, start),
      verdicts: verdictsOf(this.#decisions, lines, start),
      absences: this.#absences,
      gaps: this.#gaps,
      left: this.#left(),
      decisions: [...spellDecisions(this.#decisions, start), ...this.#refused],
      echoes: this.#world.echoes,
      busiestMinute: this.#world.busiestMinute,
    };
  }

  close(): void {
    this.#daemon.kill();
    this.#clock.restore();
  }

  #plan(fault: Fault): void {
    const { atMs } = fault;
    const both = (run: (isOver: boolean) => void): void => {
      this.#clock.world(atMs, () => run(false));
      this.#clock.world(endOf(fault), () => run(true));
    };
    if (isLineFault(fault)) both(() => this.#lineChanged(fault.line, fault.kind));
    else if (fault.kind === 'foreign default') both((isOver) => this.#foreign(fault, isOver));
    else if (!('target' in fault)) this.#clock.world(atMs, () => this.#happen(fault));
  }

  /** Routes of a device that is gone, or has no address any more, are deleted by the kernel. */
  #lineChanged(line: number, kind: Fault['kind']): void {
    const device = this.#schedule.lines[line]?.device;
    const isGone = kind === 'device' || kind === 'address';
    if (isGone && !this.#world.isUsable(line, this.#clock.nowMs))
      this.#kernel.deleteRoutes((route) => route.dev === device);
    this.#noteActive();
    if (isGone || kind === 'carrier') this.#daemon.noticed('links');
  }

  #foreign({ line, metric }: ForeignDefault, isOver: boolean): void {
    const route: Route = {
      ...{
        family: 4,
        table: mainTable,
        dst: 'default',
        metric,
        type: 'unicast',
        onlink: false,
        src: undefined,
      },
      gateway: `10.10.${line + 1}.254`,
      dev: this.#schedule.lines[line]?.device,
    };
    if (isOver) this.#kernel.deleteRoutes((each, isOurs) => !isOurs && each.metric === metric);
    else if (this.#world.isUsable(line, this.#clock.nowMs)) this.#kernel.addForeign(route);
    this.#noteActive();
    this.#daemon.noticed('links');
  }

  #happen(fault: Exclude<Fault, { target: number } | { line: number }>): unknown {
    const { nowMs } = this.#clock;
    switch (fault.kind) {
      case 'routes deleted':
        this.#kernel.deleteRoutes((_, isOurs) => isOurs);
        this.#hadDefault = false; // nobody could have prevented that
        this.#noteActive();
        return this.#daemon.noticed('routes');
      case 'rules deleted':
        this.#kernel.deleteRules();
        return this.#daemon.noticed('routes');
      case 'killed':
        this.#daemon.kill();
        this.#absences.push({ fromMs: nowMs, toMs: nowMs + fault.forMs });
        return this.#clock.process(nowMs + fault.forMs, () => this.#daemon.start());
      case 'stopped':
        this.#absences.push({ fromMs: nowMs, toMs: nowMs + fault.forMs });
        return this.#clock.stop(fault.forMs);
      case 'reload':
        return this.#clock.process(nowMs, () => this.#daemon.reload());
      case 'clock step':
        return undefined; // the core's clock never steps: only a real daemon can get that wrong
      default:
        return fault satisfies never;
    }
  }

  /** One change of the kernel: if it leaves no default route where there was one, it broke before it made. */
  #change(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#refused.push({ atMs: this.#clock.nowMs, text: `refused: ${String(error)}` });
    }
    this.#noteActive();
  }

  #noteActive(): void {
    const atMs = this.#clock.nowMs;
    const { lines } = this.#schedule;
    const usable = (line: number): boolean => line >= 0 && this.#world.isUsable(line, atMs);
    const found = this.#kernel
      .defaults(4)
      .map(({ route, isOurs }) => ({ line: lines.findIndex(({ device }) => device === route.dev), isOurs }))
      .find(({ line }) => usable(line));
    const couldBe = lines.some((_, line) => usable(line));
    if (found === undefined && this.#hadDefault && couldBe) this.#gaps.push({ atMs, ms: 0 });
    this.#hadDefault = found !== undefined;
    const active = { atMs, line: found?.line, foreign: found?.isOurs === false };
    const last = this.#active.at(-1);
    if (last?.line !== active.line || last?.foreign !== active.foreign) this.#active.push(active);
  }

  #left(): string[] {
    const { state } = this.#daemon;
    const paths = [...state.paths.values()].filter(({ expected }) => expected);
    const wanted = desired(state);
    const wantedLines = wanted === undefined ? [] : sortedLines(wanted);
    const found = this.#kernel.toLines();
    return [
      ...paths
        .filter(({ health, liveness }) => health !== 'reliable' || liveness !== 'up')
        .map(({ key, health, liveness, why }) => `${key} is ${health} and ${liveness}: ${why().reason}`),
      ...wantedLines.filter((line) => !found.includes(line)).map((line) => `missing: ${line}`),
      ...found.filter((line) => !wantedLines.includes(line)).map((line) => `left: ${line}`),
      ...(isPreferredBack(state, `${this.#schedule.lines[0]?.id}/4`)
        ? []
        : [`${state.active[4]} carries the traffic`]),
    ];
  }
}

/** Whether the preferred line carries the traffic, or will once its failback delay is over. */
function isPreferredBack(state: State, key: PathKey): boolean {
  const path = state.paths.get(key);
  if (path === undefined || state.active[4][0] === path.provider.id) return true;
  return failbackWait(state, path)?.dueAt !== undefined;
}
