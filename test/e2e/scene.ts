import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Decision } from '../../models/decision.ts';
import { type Family, families } from '../../models/path.ts';
import type { PathSnapshot, Snapshot } from '../../models/snapshot.ts';
import type { IspOptions } from '../../src/lab/isp.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import type { LabConfig } from '../../src/lab/lab-config.ts';
import type { LabDaemon } from '../../src/lab/lab-daemon.ts';
import { ask } from '../../src/report/ask.ts';

/** Two ISPs without delay or loss: what most faults need. */
export const twoIsps: readonly IspOptions[] = [
  { name: 'fibre', device: 'eth1' },
  { name: 'cable', device: 'eth2' },
];

/** Settings under which everything that waits, waits briefly. */
export const quick = {
  checkInterval: '100ms',
  minOutage: '300ms',
  minConsecutiveSucceededChecks: 2,
  failbackDelay: '1s',
  maxFailbackDelay: '1s', // each test of a file fails the same providers over
} as const;

/** What a scene begins with. */
export interface SceneOptions {
  readonly isps?: readonly IspOptions[]; // @default twoIsps
  readonly settings?: Readonly<Record<string, unknown>>; // on top of `quick`
  readonly config?: (lab: Lab) => LabConfig; // instead of every address spelled out
  readonly prepare?: (lab: Lab) => Promise<unknown>; // before the daemon starts
  readonly before?: readonly string[]; // words before the daemon's command
  readonly shared?: boolean; // several providers carry the traffic: begin when all are reliable, whoever carries it
}

/** A lab with the real daemon in it, once every provider was found reliable. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const lab = await createLab({ isps: options.isps ?? twoIsps });
  try {
    await options.prepare?.(lab);
    const settings = { ...quick, ...options.settings };
    const config = options.config === undefined ? lab.config() : options.config(lab);
    const { before = [] } = options;
    const scene = new Scene(lab, await lab.daemon({ config: { ...settings, ...config }, before }));
    await (options.shared === true ? scene.reliable() : scene.calm());
    return scene;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** A lab, its daemon, and the questions that tests ask of both. Waits last an order of magnitude longer than needed. */
export class Scene {
  readonly lab: Lab;
  readonly daemon: LabDaemon;

  constructor(lab: Lab, daemon: LabDaemon) {
    this.lab = lab;
    this.daemon = daemon;
  }

  close(): Promise<void> {
    return this.lab.close();
  }

  /** What `status --json` prints, without the cost of a process. */
  see(): Promise<Snapshot> {
    return ask(this.#socket, 'snapshot');
  }

  decisions(): Promise<readonly Decision[]> {
    return ask(this.#socket, 'decisions');
  }

  /** One path of the present snapshot. @throws {Error} when there is none */
  async path(provider: string, family: Family = 4): Promise<PathSnapshot> {
    const found = (await this.see()).paths.find(({ path }) => path === `${provider}/${family}`);
    if (found === undefined) throw new Error(`the snapshot has no path ${provider}/${family}`);
    return found;
  }

  /** Waits until this provider was chosen and the kernel's best default leads through it. In both families unless told. */
  async carries(provider: string, family?: Family, timeoutMs = 15_000): Promise<void> {
    const { device } = this.lab.isp(provider);
    for (const each of family === undefined ? families : [family]) {
      if (this.lab.isp(provider).ends[each] === undefined) continue;
      let last = '';
      const arrived = async (): Promise<boolean> => {
        const [snapshot, best] = [await this.see(), await this.best(each)];
        last = `chosen ${snapshot.active[each]}, best default ${best}`;
        return snapshot.active[each][0] === provider && best === device;
      };
      await this.until(arrived, () => `IPv${each} through ${provider} (${last})`, timeoutMs);
    }
  }

  /** The device of the best default route in `main`, whoever made it; undefined without one. */
  async best(family: Family): Promise<string | undefined> {
    const routes = (await this.routes('default', family)).map((line) => ({
      device: / dev (\S+)/.exec(line)?.[1],
      metric: Number(/ metric (\d+)/.exec(line)?.[1] ?? 0),
    }));
    return routes.sort((a, b) => a.metric - b.metric)[0]?.device;
  }

  /** Lines of `ip route show WORDS` in the router. */
  async routes(words: string, family: Family = 4): Promise<string[]> {
    const show = `route show ${words}`;
    return linesOf(await (family === 4 ? this.lab.ip(show) : this.lab.ip6(show)));
  }

  /** Our own routes and rules of a family, as `ip` prints them: two readings can be compared. */
  async ours(family: Family): Promise<string> {
    const show = (...words: readonly string[]): Promise<string> =>
      this.lab.run('router', ['ip', '-N', `-${family}`, ...words]);
    const routes = await show('route', 'show', 'table', 'all', 'proto', '77');
    const rules = linesOf(await show('rule', 'show')).filter((line) => / proto 77\b/.test(line));
    return [...linesOf(routes).map(steady), ...rules].sort().join('\n');
  }

  /** Ends every fault of every ISP and waits until all is as it was at the beginning: reliable, and through the first. */
  async calm(timeoutMs = 30_000): Promise<void> {
    await this.reliable(timeoutMs);
    await this.carries(this.lab.isps[0]?.name ?? '');
  }

  /** Ends every fault of every ISP and waits until all are reliable. */
  async reliable(timeoutMs = 30_000): Promise<void> {
    for (const { name } of this.lab.isps) await this.lab.heal(name);
    let last = '';
    const isCalm = async (): Promise<boolean> => {
      const { paths } = await this.see();
      const bad = paths.filter(({ health, role }) => health !== 'reliable' && role !== 'absent');
      last = bad.map(({ path, health, why }) => `${path} is ${health}: ${why}`).join('; ');
      return bad.length === 0;
    };
    await this.until(isCalm, () => `a calm beginning (${last})`, timeoutMs);
  }

  /** Writes another configuration and waits until the daemon has read it, whether or not it changes anything. */
  async reload(config: LabConfig): Promise<void> {
    const before = this.reloads();
    await this.lab.writeConfig(config);
    await this.until(() => this.reloads() > before, 'the configuration reloaded');
  }

  /** How often the daemon has read its configuration again. */
  reloads(): number {
    return this.daemon.lines.filter((line) => line.includes('configuration reloaded')).length;
  }

  /** Waits for a state, asking every 10 ms. */
  until(
    question: () => boolean | Promise<boolean>,
    what: string | (() => string),
    timeoutMs = 15_000,
  ): Promise<true> {
    const asked = async (): Promise<true | undefined> => ((await question()) ? true : undefined);
    const said = (): string =>
      `${typeof what === 'string' ? what : what()}; the daemon said last:\n${this.#said()}`;
    return this.lab.waitFor(asked, { timeoutMs, everyMs: 10, what: said });
  }

  /** Whether this provider had this health in one family. */
  async isNow(provider: string, health: PathSnapshot['health'], family: Family = 4): Promise<boolean> {
    return (await this.path(provider, family)).health === health;
  }

  /** The switches the daemon decided since `at`, oldest first: `'fibre → cable'`. */
  async switches(at: number, family: Family = 4): Promise<string[]> {
    const decisions = await this.decisions();
    return decisions
      .filter((decision) => decision.kind === 'switch' && decision.family === family && decision.at >= at)
      .map(({ from, to }) => `${from} → ${to}`);
  }

  /** @throws {AssertionError} when the traffic of a family was moved since `at`, with the reason */
  async assertUnmoved(at: number, ...which: readonly Family[]): Promise<void> {
    const moves = (await this.decisions()).filter(
      ({ kind, at: then, family }) =>
        kind === 'switch' &&
        then >= at &&
        (family === undefined || which.length === 0 || which.includes(family)),
    );
    const said = moves.map(({ sentence, reason }) => `${sentence}: ${reason}`);
    assert.deepEqual(said, [], `the daemon said last:\n${this.#said()}`);
  }

  #said(): string {
    return [...this.daemon.lines.slice(-12), `(at ${new Date().toISOString()})`].join('\n');
  }

  get #socket(): string {
    return join(this.lab.environment()['FAILOVER_RUNTIME_DIRECTORY'] ?? '', 'control.sock');
  }
}

/** The lines of an output that have something in them, without the marks of `ip -o`. */
export function linesOf(output: string): string[] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A route without what the kernel notes about it as time goes by. */
function steady(line: string): string {
  return line.replace(/ (linkdown|dead|pref medium)\b/g, '').replace(/ expires \S+/, '');
}
