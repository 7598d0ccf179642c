/**
 * An internet to break: a router with several ISPs in network namespaces, and the faults they can have.
 * Needs namespaces of its own (`test/run e2e` gives them to each file; by hand: `unshare --net --mount …`).
 *
 * ```ts
 * const lab = await createLab(); // fibre (eth1), cable (eth2), lte (wwan0: 60 ms, 1 % loss)
 * after(() => lab.close());
 * const daemon = await lab.daemon({ config: lab.config({ checkInterval: '100ms' }) });
 * await lab.waitFor(async () => (await lab.status()).active[4][0] === 'fibre');
 * const flow = await lab.flow(); // one datagram per 10 ms
 * const watch = await lab.watchRoutes();
 * const at = await lab.cut('fibre');
 * await lab.waitFor(async () => (await lab.status()).active[4][0] === 'cable');
 * const { longestMs } = await flow.settled(at);
 * const { withoutDefaultMs } = watch.report(4);
 * ```
 *
 * Other networks:
 * `createLab({ isps: [{ name: 'a', gateway4: '10.0.0.254', ipv4: '10.0.0.1/24' }, { name: 'b', kind: 'tun' }] })`.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../models/message-of.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import type { Outcome } from '../kernel/exec.ts';
import { compileIfChanged } from '../process/compile.mjs';
import { isCompiled, programCommand, programFolder } from '../process/program.ts';
import { build, demolish } from './build.ts';
import { Faults } from './faults.ts';
import { Flow, type FlowOptions, startEchoServer } from './flow.ts';
import { completeIsps, defaultIsps, type IspOptions } from './isp.ts';
import { describeProvider, type LabConfig, writeConfig } from './lab-config.ts';
import { type LabDaemon, startDaemon } from './lab-daemon.ts';
import { must, runInside } from './namespace.ts';
import { type RouteWatch, watchRoutes } from './route-watch.ts';
import { type Waiting, waitFor } from './wait-for.ts';
import { refuseForeignNetwork } from './world.ts';

/** What to build. */
export interface LabOptions {
  readonly isps?: readonly IspOptions[]; // @default fibre, cable, lte
}

/**
 * Builds a lab. @throws {Error} outside a fresh network namespace, or where the kernel lacks a feature it
 * needs
 */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  await refuseForeignNetwork();
  const lab = new Lab(options.isps ?? defaultIsps);
  try {
    await lab.open();
  } catch (error) {
    await lab.close();
    throw error;
  }
  return lab;
}

/** A lab that was built. Its faults are methods, see `Faults`. */
export class Lab extends Faults {
  /** A folder of its own in /tmp, removed by `close`: configuration, `run/` and `state/` of the daemon. */
  folder = '';
  /** What could not be built as described, one sentence each. */
  readonly notices: string[] = [];
  readonly undelayed = new Set<string>(); // ISPs that lack the delay they should have
  readonly #endings: (() => unknown)[] = [];

  constructor(isps: readonly IspOptions[]) {
    super(completeIsps(isps));
  }

  /** Builds it; `createLab` calls this. */
  async open(): Promise<void> {
    if (!isCompiled) await compileIfChanged(programFolder);
    this.folder = await mkdtemp(join(tmpdir(), 'failover-lab-'));
    await Promise.all(['run', 'state'].map((name) => mkdir(join(this.folder, name))));
    await build(this.isps, () => this.takeIndex());
    for (const isp of this.isps) {
      if (isp.kind === 'tun') await this.connectTun(isp);
      if (isp.lossRatio > 0) await this.loss(isp.name, isp.lossRatio);
      if (isp.delayMs > 0) await this.#delayIfPossible(isp.name, isp.delayMs);
    }
    await Promise.all(this.isps.map((isp) => this.sessions.warm(isp.name)));
    await this.sessions.warm('router');
    const server = await startEchoServer();
    this.#endings.push(() => server.close());
  }

  /** Ends everything that was started, and removes all namespaces and the folder. May be called again. */
  async close(): Promise<void> {
    for (const end of this.#endings.splice(0).reverse()) await end();
    await this.closeFaults();
    await demolish(this.isps);
    if (this.folder !== '') await rm(this.folder, { recursive: true, force: true });
  }

  /** A configuration for this lab's ISPs, every address spelled out; `settings` are added on top. */
  config(settings: Readonly<Record<string, unknown>> = {}): LabConfig {
    const providers = this.isps.map(describeProvider);
    return { providers, ...settings };
  }

  /**
   * Starts the real daemon in the router. `config`: an object, to be written as JSON, or the path of a file.
   */
  async daemon({
    config = this.config(),
    env = {},
    args = [],
    before = [],
  }: {
    config?: LabConfig | string;
    env?: Readonly<Record<string, string>>;
    args?: readonly string[];
    before?: readonly string[]; // words before the command
  } = {}): Promise<LabDaemon> {
    const file = typeof config === 'string' ? config : await this.writeConfig(config);
    const daemon = startDaemon({
      args: ['--config', file, ...args],
      before,
      env: { ...this.environment(), ...env },
      cwd: this.folder,
    });
    this.#endings.push(() => (daemon.exitCode === undefined ? daemon.kill() : undefined));
    return daemon;
  }

  /** Writes a configuration into the lab's folder (`config.json`), atomically, and returns its path. */
  writeConfig(config: LabConfig): Promise<string> {
    return writeConfig(join(this.folder, 'config.json'), config);
  }

  /** Environment variables that make our commands use the lab's folders. */
  environment(): Readonly<Record<string, string>> {
    return {
      FAILOVER_RUNTIME_DIRECTORY: join(this.folder, 'run'),
      FAILOVER_STATE_DIRECTORY: join(this.folder, 'state'),
    };
  }

  /** Runs one of our commands in the router, as `failover ARGS` would. */
  cli(
    args: readonly string[],
    options: { timeoutMs?: number; input?: string; before?: readonly string[] } = {},
  ): Promise<Outcome> {
    const { timeoutMs = 20_000, before = [] } = options;
    const command = [...before, ...programCommand, ...args];
    return runInside('router', command, { ...options, timeoutMs, env: this.environment() });
  }

  /** The daemon's snapshot. @throws {Error} when none answers */
  async status(): Promise<Snapshot> {
    const { code, stdout, stderr } = await this.cli(['status', '--json']);
    if (code !== 0) throw new Error(`"status --json" ended with ${code}: ${stderr.trim()}`);
    return JSON.parse(stdout) as Snapshot; // our own command prints it
  }

  /**
   * Runs any program in a namespace (`router`, `internet`, an ISP) and returns its output. @throws {Error}
   * unless it exits with 0
   */
  run(namespace: string, command: readonly string[], input?: string): Promise<string> {
    return must(namespace, command, input);
  }

  /** Runs `ip` commands in the router through an open session: 0.2 ms. @throws {Error} when refused */
  async ip(...commands: readonly string[]): Promise<string> {
    return (await this.sessions.of('router').run(...commands)).output;
  }

  /** The same for `ip -6`. */
  async ip6(...commands: readonly string[]): Promise<string> {
    return (await this.sessions.of('router', 6).run(...commands)).output;
  }

  /** Starts a flow of datagrams from the router; resolves when the first has been answered or lost. */
  async flow(options: FlowOptions = {}): Promise<Flow> {
    const flow = new Flow(options);
    this.#endings.push(() => flow.close());
    await flow.started();
    return flow;
  }

  /** Watches the router's default routes; resolves once nothing can be missed. */
  async watchRoutes(): Promise<RouteWatch> {
    const watch = await watchRoutes();
    this.#endings.push(() => watch.stop());
    return watch;
  }

  /** Polls, see `waitFor`. */
  waitFor<T>(
    question: () => T | undefined | false | Promise<T | undefined | false>,
    waiting?: Waiting,
  ): Promise<T> {
    return waitFor(question, waiting);
  }

  async #delayIfPossible(name: string, ms: number): Promise<void> {
    try {
      await this.delay(name, ms);
    } catch (error) {
      const reason = messageOf(error);
      this.notices.push(`${name} has no delay: the kernel has no netem, and ${reason}`);
      this.undelayed.add(name);
    }
  }
}
