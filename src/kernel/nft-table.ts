/**
 * Keeps our nftables table, `inet failover`, as desired. It is loaded in one transaction, read back, and loaded again
 * when others change or flush it (a firewall reload often begins with `nft flush ruleset`). When it runs, and how often
 * it repairs: `convergence.ts`.
 */
import type { KernelNote } from '../../models/event.ts';
import { messageOf } from '../../models/message-of.ts';
import { Convergence, type PassOutcome } from './convergence.ts';
import { run } from './exec.ts';
import { NftMonitor } from './nft-monitor.ts';

/** The desired table. */
export interface DesiredTable {
  readonly text: string; // for `nft -f`; tables with the same text are the same
  /** One transaction that turns a table with these sets and chains into this one. */
  load(present: { readonly sets: readonly string[]; readonly chains: readonly string[] }): string;
}

const name = ['inet', 'failover'] as const;

export class NftTable {
  readonly #report: (note: KernelNote) => void;
  readonly #monitor = new NftMonitor(name.join(' '), () => this.#convergence.wake());
  readonly #convergence: Convergence<DesiredTable | undefined>;
  #loaded: string | undefined; // text of the last table loaded
  #found: string | undefined; // what was then read back
  #applied: Promise<void> = Promise.resolve();

  constructor(report: (note: KernelNote) => void) {
    this.#report = report;
    this.#convergence = new Convergence<DesiredTable | undefined>({
      pass: (desired, woken) => this.#pass(desired, woken),
      report,
      failed: (reason) => `connections cannot be marked: ${reason}`,
      recovered: (desired) =>
        desired === undefined ? 'the table of connection marks is gone' : 'connections are marked again',
    });
  }

  /** Sets the desired table; `undefined`: none. Resolves when the kernel has it, or has refused it. */
  apply(desired: DesiredTable | undefined): Promise<void> {
    this.#applied = this.#convergence.apply(desired);
    return this.#applied;
  }

  /** Forgets the elements of one of its sets. */
  async empty(set: string): Promise<void> {
    await this.#applied;
    await nft(['flush', 'set', ...name, set]).catch(() => undefined); // just created, or gone with its table
  }

  close(): void {
    this.#convergence.close();
    this.#monitor.close();
  }

  async #pass(desired: DesiredTable | undefined, woken: boolean): Promise<PassOutcome> {
    if (desired?.text === this.#loaded && !woken) return { inForce: false };
    if (desired === undefined) return this.#remove();
    this.#monitor.open();
    const found = await list();
    const isLoaded = desired.text === this.#loaded;
    if (isLoaded && found === this.#found) return { inForce: true };
    const tooSoon = isLoaded ? this.#convergence.acquireRepair() : undefined;
    if (tooSoon !== undefined) return tooSoon;
    await this.#load(desired, found, isLoaded);
    return { inForce: true };
  }

  async #load(desired: DesiredTable, found: string | undefined, isRepair: boolean): Promise<void> {
    this.#loaded = undefined;
    await load(desired, found);
    const reading = await list();
    // What is reloaded must read as before. `''` matches no reading: others may have removed the table already.
    if (!isRepair) this.#found = reading ?? '';
    this.#loaded = desired.text;
    const message = isRepair
      ? 'someone else changed our nftables table inet failover: put back'
      : 'connection marks updated';
    this.#report({ kind: isRepair ? 'repaired' : 'changed', message, commands: ['nft -f -'] });
  }

  async #remove(): Promise<PassOutcome> {
    const found = await list().catch(() => undefined); // without nft we have no table
    if (found !== undefined) await nft(['delete', 'table', ...name]);
    this.#loaded = undefined;
    this.#found = undefined;
    this.#monitor.close();
    return { inForce: true };
  }
}

/** Whether the table exists; `undefined`: this user may not know. */
export async function hasTable(): Promise<boolean | undefined> {
  const { code, stderr } = await run('nft', ['-t', 'list', 'table', ...name]);
  if (code === 0) return true;
  return /not permitted|you must be root/.test(stderr) ? undefined : false;
}

/** The table without the elements that packets added; undefined when it does not exist. */
async function list(): Promise<string | undefined> {
  const { code, stdout } = await run('nft', ['-s', '-t', 'list', 'table', ...name]);
  return code === 0 ? stdout : undefined;
}

/** A table of that name but unlike ours (other hooks, other types) is replaced as a whole, still in one transaction. */
async function load(desired: DesiredTable, found: string | undefined): Promise<void> {
  const names = (kind: string): string[] =>
    [...(found ?? '').matchAll(new RegExp(`^\\t${kind} (\\S+) \\{$`, 'gm'))].map(([, part = '']) => part);
  try {
    await nft(['-f', '-'], desired.load({ sets: names('set'), chains: names('chain') }));
  } catch (error) {
    if (found === undefined) throw error;
    await nft(['-f', '-'], `delete table ${name.join(' ')}\n${desired.text}`);
  }
}

/** @throws {Error} with what nft said */
async function nft(args: readonly string[], input?: string): Promise<void> {
  const { code, stderr } = await run('nft', args, input === undefined ? {} : { input });
  if (code === 0) return;
  const [first = `it ended with ${code}`] = stderr.trim().split('\n');
  throw new Error(`nft ${args.join(' ')}: ${first}`);
}

/** Why connections cannot be marked on this machine, and what to do; undefined when they can. */
export async function whyNoMarks(sample: string): Promise<string | undefined> {
  try {
    await nft(['-c', '-f', '-'], sample);
    return undefined;
  } catch (error) {
    const reason = messageOf(error);
    if (/not permitted/.test(reason)) return undefined; // without the rights, there is no telling
    return /not installed/.test(reason) ? `${reason}; install it with: apt-get install nftables` : reason;
  }
}
