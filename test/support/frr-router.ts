import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type Outcome, run } from '../../src/kernel/exec.ts';
import { until } from './until.ts';

const folder = '/usr/lib/frr';

/** Why FRRouting cannot be used here; undefined when it can. Its daemons switch to a user of their own. */
export function noFrr(): string | undefined {
  if (!existsSync(`${folder}/zebra`))
    return 'FRRouting is not installed; install it with: apt-get install frr';
  const uids = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/);
  return Number(uids[2]) > 1
    ? undefined
    : "FRRouting's daemons cannot switch to their own user here; run as root";
}

/**
 * The daemons of one FRRouting, in a pathspace of its own; in a network namespace when `inside` is a prefix
 * that enters it.
 */
export class FrrRouter {
  readonly name: string;
  readonly #inside: readonly string[];
  readonly #started = new Set<string>();

  constructor(name: string, inside: readonly string[] = []) {
    this.name = name;
    this.#inside = inside;
  }

  /** Starts a daemon; resolves when it answers. */
  async start(daemon: string, config = '', options: readonly string[] = []): Promise<void> {
    await must(['install', '-d', '-o', 'frr', '-g', 'frrvty', '-m', '775', '/run/frr', this.#folder]);
    const file = `${this.#folder}/${daemon}.conf`;
    await writeFile(file, config);
    await must(['chown', 'frr:frr', file]);
    await must([...this.#inside, `${folder}/${daemon}`, '-d', '-N', this.name, '-f', file, ...options]);
    this.#started.add(daemon);
    const answers = async () => (await this.ask('show daemons')).stdout.split(/\s+/).includes(daemon);
    await until(answers, `an answer of ${daemon} of ${this.name}`, 30_000);
  }

  /** Kills a daemon. */
  async kill(daemon: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#started.delete(daemon);
    const pid = Number(readFileSync(`${this.#folder}/${daemon}.pid`, 'utf8'));
    process.kill(pid, signal);
    await until(() => !existsSync(`/proc/${pid}`), `the end of ${daemon} of ${this.name}`);
  }

  /** Runs `vtysh` commands and returns the outcome. */
  ask(...commands: readonly string[]): Promise<Outcome> {
    return run('vtysh', ['-N', this.name, ...commands.flatMap((command) => ['-c', command])]);
  }

  /** Enters lines of a configuration as an operator would. @throws {Error} when one is refused */
  async type(...lines: readonly string[]): Promise<void> {
    await must([
      'vtysh',
      '-N',
      this.name,
      ...['configure terminal', ...lines].flatMap((line) => ['-c', line]),
    ]);
  }

  /** The static routes of its running configuration, as lines. */
  async statics(): Promise<readonly string[]> {
    const { stdout } = await this.ask('show running-config');
    return stdout.split('\n').filter((line) => /^ip(v6)? route /.test(line));
  }

  async close(): Promise<void> {
    for (const daemon of this.#started) await this.kill(daemon);
  }

  get #folder(): string {
    return `/run/frr/${this.name}`;
  }
}

async function must([program = '', ...args]: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`"${program} ${args.join(' ')}" ended with ${code}: ${stdout}${stderr}`);
}
