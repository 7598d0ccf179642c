/**
 * Keeps our nftables table, `inet failover`, as desired. It is loaded in one transaction, read back, and loaded again when
 * others changed or flushed it (`nft flush ruleset`, which a reload of a firewall often begins with). When it runs, and
 * how often it repairs: `convergence.ts`.
 */
import type { KernelNote } from '../../models/event.ts';
import { messageOf } from '../../models/message-of.ts';
import { Convergence, type PassOutcome } from './convergence.ts';
import { run } from './exec.ts';
import { NftMonitor } from './nft-monitor.ts';

/** The desired table. */
export interface DesiredTable {
  readonly text: string; // as `nft -f` takes it; two tables with the same text are the same
  /** One transaction that makes it so where these sets and chains are there. */
  load(present: { readonly sets: readonly string[]; readonly chains: readonly string[] }): string;
}

const name = ['inet', 'failover'] as const;

export class NftTable {
  readonly #report: (note: KernelNote) => void;
  readonly #monitor = new NftMonitor(name.join(' '), () => this.#convergence.wake());
  readonly #convergence: Convergence<DesiredTable | undefined>;
  #loaded: string | undefined; // text of the table that was loaded last
  #found: string | undefined; // what was read back then
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

  /** Sets the desired table; `undefined`: none. Resolves when the kernel has it, or refused it. */
  apply(desired: DesiredTable | undefined): Promise<void> {
    this.#applied = this.#convergence.apply(desired);
    return this.#applied;
  }

  /** Forgets the elements of one of its sets. */
  async empty(set: string): Promise<void> {
    await this.#applied;
    await nft(['flush', 'set', ...name, set]).catch(() => undefined); // just made, or gone with its table: it is empty
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
    // What is loaded again must read as before. Others may have been quicker: nothing that can be read is ''.
    if (!isRepair) this.#found = reading ?? '';
    this.#loaded = desired.text;
    const message = isRepair
      ? 'someone else changed our nftables table inet failover: put back'
      : 'connection marks brought into line';
    this.#report({ kind: isRepair ? 'repaired' : 'changed', message, commands: ['nft -f -'] });
  }

  async #remove(): Promise<PassOutcome> {
    const found = await list().catch(() => undefined); // without nft there is no table of ours
    if (found !== undefined) await nft(['delete', 'table', ...name]);
    this.#loaded = undefined;
    this.#found = undefined;
    this.#monitor.close();
    return { inForce: true };
  }
}

/** Whether the table is there; `undefined`: this user may not know. */
export async function hasTable(): Promise<boolean | undefined> {
  const { code, stderr } = await run('nft', ['-t', 'list', 'table', ...name]);
  if (code === 0) return true;
  return /not permitted|you must be root/.test(stderr) ? undefined : false;
}

/** The table without what packets put into it; undefined when it is not there. */
async function list(): Promise<string | undefined> {
  const { code, stdout } = await run('nft', ['-s', '-t', 'list', 'table', ...name]);
  return code === 0 ? stdout : undefined;
}

/** One of that name that is not as we make it (other hooks, other types) gives way as a whole, still in one transaction. */
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
    if (/not permitted/.test(reason)) return undefined; // without the rights, nothing can be said
    return /not installed/.test(reason) ? `${reason}; install it with: apt-get install nftables` : reason;
  }
}
