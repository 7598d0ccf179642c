/** Plays a schedule on the real kernel: the real daemon in a lab, with a flow that follows the routes. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Decision } from '../../models/decision.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import type { Flow, FlowReport } from '../../src/lab/flow.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import type { LabDaemon } from '../../src/lab/lab-daemon.ts';
import { now } from '../../src/lab/now.ts';
import type { RouteWatch } from '../../src/lab/route-watch.ts';
import { ask } from '../../src/report/ask.ts';
import { readRecording } from '../../src/report/recording.ts';
import { LabFaults } from './lab-faults.ts';
import { leftAfterStop, type Machine, readMachine, sameRoutes } from './lab-machine.ts';
import { observe } from './lab-observed.ts';
import type { Absence, Observed } from './observed.ts';
import {
  endOf,
  type Fault,
  isLineFault,
  type ProcessFault,
  type Schedule,
  type Tampering,
  targets,
} from './schedule.ts';

/** How the daemon is configured, beyond its providers and targets. */
export interface LabPlay {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly startMetric: number;
  say?(text: string): void; // what is done, as it is done
}

/** What was seen, and what became of the flow. */
export interface Played {
  readonly observed: Observed;
  readonly flow: FlowReport;
  readonly died: readonly string[]; // ends of the daemon that nobody caused, with its last words
}

/** Builds a lab, plays a schedule, and takes the lab down. Needs a network of its own. */
export async function playInLab(schedule: Schedule, play: LabPlay): Promise<Played> {
  const lab = await createLab({
    isps: schedule.lines.map(({ id, device }) => ({ name: id, device, ipv6: false })),
  });
  try {
    return await new LabPlayer(schedule, play, lab).play();
  } finally {
    await lab.close();
  }
}

class LabPlayer {
  readonly #schedule: Schedule;
  readonly #play: LabPlay;
  readonly #lab: Lab;
  readonly #absences: Absence[] = [];
  readonly #died: string[] = [];
  readonly #tampered: number[] = []; // ms: our routes were deleted
  readonly #foreign: Absence[] = []; // times of foreign defaults that prevail
  #daemon: LabDaemon | undefined;
  #runs = 0;
  #startedAt = 0;

  constructor(schedule: Schedule, play: LabPlay, lab: Lab) {
    this.#schedule = schedule;
    this.#play = play;
    this.#lab = lab;
  }

  async play(): Promise<Played> {
    const { lines, faults, forMs } = this.#schedule;
    for (const { id, lossRatio } of lines) if (lossRatio > 0) await this.#lab.loss(id, lossRatio);
    await mkdir(join(this.#lab.folder, 'records'));
    const before = await readMachine(this.#lab);
    await this.#start();
    await this.#calm();
    const routes = await readMachine(this.#lab);
    const flow = await this.#lab.flow();
    const watch = await this.#lab.watchRoutes();
    this.#startedAt = now();
    const injected = new LabFaults(this.#lab, lines, this.#startedAt);
    await this.#run(injected, actionsOf(faults));
    await until(this.#startedAt + forMs);
    const left = [...(await this.#calmAgain()), ...sameRoutes(routes, await readMachine(this.#lab))];
    return await this.#finish({ injected, flow, watch, before, left });
  }

  async #finish(seen: {
    readonly injected: LabFaults;
    readonly flow: Flow;
    readonly watch: RouteWatch;
    readonly before: Machine;
    readonly left: readonly string[];
  }): Promise<Played> {
    const { injected, before, left } = seen;
    const report = (await seen.watch.stop())[4];
    const flow = await seen.flow.stop();
    const stopped = await this.#daemon?.stop();
    const leftLater = leftAfterStop(before, await readMachine(this.#lab));
    if (stopped?.code !== 0) this.#died.push(`it ended with ${stopped?.code} when it was asked to`);
    const seenAll = {
      ...{ schedule: this.#schedule, startedAt: this.#startedAt, spells: injected.spells },
      ...{ absences: this.#absences, tampered: this.#tampered, foreign: this.#foreign },
    };
    const observed = observe(seenAll, {
      report,
      decisions: await this.#decisions(),
      left: [...left, ...leftLater],
    });
    return { observed, flow, died: this.#died };
  }

  async #run(injected: LabFaults, actions: readonly Action[]): Promise<void> {
    for (const { atMs, fault, isOver } of actions) {
      await until(this.#startedAt + atMs);
      this.#play.say?.(`${(atMs / 1000).toFixed(1)} s ${isOver ? 'end of ' : ''}${JSON.stringify(fault)}`);
      if (isLineFault(fault)) await (isOver ? injected.endLine(fault) : injected.beginLine(fault));
      else if ('target' in fault) await injected.target(fault, isOver);
      else await this.#happen(injected, fault, isOver);
      this.#noteDeath();
    }
  }

  async #happen(injected: LabFaults, fault: Tampering | ProcessFault, isOver: boolean): Promise<void> {
    switch (fault.kind) {
      case 'killed':
      case 'stopped':
        return await this.#disturb(fault, isOver);
      case 'reload':
        return await this.#daemon?.kill('SIGHUP');
      case 'clock step':
        return void this.#signal('SIGUSR2');
      default:
        this.#noteTampering(fault, isOver);
        return await injected.tamper(fault, isOver);
    }
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#daemon?.exitCode === undefined && this.#daemon !== undefined)
      process.kill(this.#daemon.pid, signal);
  }

  async #disturb({ kind }: { readonly kind: 'killed' | 'stopped' }, isOver: boolean): Promise<void> {
    const atMs = this.#ms(now());
    const last = this.#absences.at(-1);
    if (!isOver) this.#absences.push({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
    else if (last !== undefined) this.#absences.splice(-1, 1, { ...last, toMs: atMs });
    if (kind === 'stopped') this.#signal(isOver ? 'SIGCONT' : 'SIGSTOP');
    else if (isOver) await this.#start();
    else {
      await this.#daemon?.kill('SIGKILL');
      this.#daemon = undefined;
    }
  }

  #noteTampering(fault: Tampering, isOver: boolean): void {
    const atMs = this.#ms(now());
    if (fault.kind === 'routes deleted') this.#tampered.push(atMs);
    if (fault.kind !== 'foreign default' || fault.metric > this.#play.startMetric) return;
    if (!isOver) this.#foreign.push({ fromMs: atMs, toMs: atMs + fault.forMs + 1000 });
  }

  /** Starts another daemon if this one died, so that the rest can be seen. */
  #noteDeath(): void {
    if (this.#daemon?.exitCode === undefined) return;
    const { exitCode, lines } = this.#daemon;
    this.#died.push(`it ended with ${exitCode}: ${lines.slice(-5).join(' | ')}`);
    this.#daemon = undefined;
  }

  async #start(): Promise<void> {
    this.#runs += 1;
    const providers = this.#schedule.lines.map(({ id, device }, index) => ({
      ...{ id, interfaceName: device, gateway: `10.10.${index + 1}.254`, ipv6Address: 'none' },
    }));
    const testScenarios = targets.map((target) => ({ ping: target }));
    this.#daemon = await this.#lab.daemon({
      config: { testScenarios, ...this.#play.settings, onStop: 'remove', providers },
      args: ['--record', join(this.#lab.folder, 'records', `${this.#runs}`)],
      env: { NODE_OPTIONS: `--import=data:text/javascript,${steppable}` },
    });
  }

  async #calm(timeoutMs = 60_000): Promise<void> {
    let last = '';
    const isCalm = async (): Promise<boolean> => {
      const { paths, active } = await this.#see();
      last = [
        ...paths.map(({ path, health, why }) => `${path} is ${health}: ${why}`),
        `${active[4]} active`,
      ].join('; ');
      const isWell =
        paths.length > 0 && paths.every(({ health, role }) => health === 'reliable' || role === 'absent');
      return isWell && active[4][0] === this.#schedule.lines[0]?.id;
    };
    await this.#lab.waitFor(isCalm, { timeoutMs, everyMs: 500, what: () => `calm (${last})` });
  }

  /** What `status` shows; nothing while the daemon does not listen yet. */
  async #see(): Promise<Pick<Snapshot, 'paths' | 'active'>> {
    const socket = join(this.#lab.folder, 'run', 'control.sock');
    return await ask(socket, 'snapshot').catch(() => ({ paths: [], active: { 4: [], 6: [] } }));
  }

  async #calmAgain(): Promise<string[]> {
    try {
      await this.#calm();
      return [];
    } catch (error) {
      return [String(error)];
    }
  }

  #ms(at: number): number {
    return at - this.#startedAt;
  }

  async #decisions(): Promise<Decision[]> {
    const files = Array.from({ length: this.#runs }, (_, i) => join(this.#lab.folder, 'records', `${i + 1}`));
    const found: Decision[] = [];
    for (const file of files) {
      const recording = await readRecording(file).catch(() => undefined); // killed before it wrote a line
      found.push(...(recording?.decisions ?? []));
    }
    return found;
  }
}

interface Action {
  readonly atMs: number;
  readonly fault: Fault;
  readonly isOver: boolean;
}

function actionsOf(faults: readonly Fault[]): Action[] {
  const actions = faults.flatMap((fault): Action[] => [
    { atMs: fault.atMs, fault, isOver: false },
    ...('forMs' in fault ? [{ atMs: endOf(fault), fault, isOver: true }] : []),
  ]);
  return actions.sort((a, b) => a.atMs - b.atMs);
}

/** What a step of the wall clock looks like to a process: it is an hour ahead after one SIGUSR2, and back after another. */
const steppable = encodeURIComponent(
  `let s=0;const of=Date.now;Date.now=()=>of()+s;process.on('SIGUSR2',()=>{s=s===0?3600000:0})`,
);

async function until(at: number): Promise<void> {
  const ms = at - now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
