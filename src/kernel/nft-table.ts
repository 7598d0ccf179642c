/**
 * Keeps our nftables table, `inet failover`, as wished. It is loaded in one transaction, read back, and loaded again when
 * somebody else changed or flushed it (`nft flush ruleset`, which a reload of a firewall often begins with).
 */
import type { KernelNote } from '../../models/event.ts';
import { run } from './exec.ts';
import { NftMonitor } from './nft-monitor.ts';

/** The table that is wanted. */
export interface DesiredTable {
  readonly text: string; // as `nft -f` takes it; two wishes with the same text are the same
  /** One transaction that makes it so where these sets and chains are there. */
  load(present: { readonly sets: readonly string[]; readonly chains: readonly string[] }): string;
}

const slowMs = 900; // between repairs, when somebody insists, and after a refusal
const name = ['inet', 'failover'] as const;

export class NftTable {
  readonly #report: (note: KernelNote) => void;
  readonly #monitor = new NftMonitor(name.join(' '), () => this.wake());
  #wish: DesiredTable | undefined;
  #loaded: string | undefined; // text of the wish that was loaded last
  #found: string | undefined; // what was read back then
  #stale = true; // it may be other than `#found`
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #repairedAt = Number.NEGATIVE_INFINITY;
  #trouble: string | undefined; // reported last, so that it is said once
  #closed = false;

  constructor(report: (note: KernelNote) => void) {
    this.#report = report;
  }

  /** Sets what is wanted; `undefined`: no table. Resolves when the kernel has it, or refused it. */
  apply(wish: DesiredTable | undefined): Promise<void> {
    this.#wish = wish;
    return this.#start();
  }

  /** Somebody changed the rules: read again, and repair what is ours. */
  wake(): void {
    this.#stale = true;
    if (this.#timer === undefined) void this.#start();
  }

  /** Forgets the elements of one of its sets. */
  async empty(set: string): Promise<void> {
    await this.#start();
    await nft(['flush', 'set', ...name, set]).catch(() => undefined); // it was just made anew, or the table is gone: empty
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#monitor.close();
  }

  #start(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const wish = this.#wish;
        await this.#pass(wish);
        if (this.#closed || (this.#wish === wish && (!this.#stale || this.#timer !== undefined))) return;
      }
    } catch (error) {
      if (this.#closed) return;
      this.#stale = true;
      this.#loaded = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      this.#say({ kind: 'failed', message: `connections cannot be marked: ${reason}`, commands: [] });
      this.#later();
    }
  }

  async #pass(wish: DesiredTable | undefined): Promise<void> {
    if (wish?.text === this.#loaded && !this.#stale) return;
    if (wish !== undefined) this.#monitor.open();
    this.#stale = false;
    // Without nft there is no table of ours.
    if (wish === undefined) return this.#remove(await list().catch(() => undefined));
    const found = await list();
    if (wish.text === this.#loaded && found === this.#found) return;
    const isRepair = wish.text === this.#loaded;
    if (isRepair && performance.now() - this.#repairedAt < slowMs) {
      this.#stale = true;
      return this.#later();
    }
    await this.#load(wish, found, isRepair);
  }

  async #load(wish: DesiredTable, found: string | undefined, isRepair: boolean): Promise<void> {
    await load(wish, found);
    const reading = await list();
    // What is loaded again must read as before. Somebody may have been quicker: nothing that can be read is ''.
    if (!isRepair) this.#found = reading ?? '';
    this.#loaded = wish.text;
    this.#recovered();
    if (isRepair) this.#repairedAt = performance.now();
    const message = isRepair
      ? 'someone else changed our nftables table inet failover: put back'
      : 'connection marks brought into line';
    this.#report({ kind: isRepair ? 'repaired' : 'changed', message, commands: ['nft -f -'] });
  }

  async #remove(found: string | undefined): Promise<void> {
    if (found !== undefined) await nft(['delete', 'table', ...name]);
    this.#loaded = undefined;
    this.#found = undefined;
    this.#monitor.close();
  }

  #recovered(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#report({ kind: 'recovered', message: 'connections are marked again', commands: [] });
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#start();
    }, slowMs);
  }

  #say(note: KernelNote): void {
    if (this.#trouble === note.message) return;
    this.#trouble = note.message;
    this.#report(note);
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
async function load(wish: DesiredTable, found: string | undefined): Promise<void> {
  const names = (kind: string): string[] =>
    [...(found ?? '').matchAll(new RegExp(`^\\t${kind} (\\S+) \\{$`, 'gm'))].map(([, part = '']) => part);
  try {
    await nft(['-f', '-'], wish.load({ sets: names('set'), chains: names('chain') }));
  } catch (error) {
    if (found === undefined) throw error;
    await nft(['-f', '-'], `delete table ${name.join(' ')}\n${wish.text}`);
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
    const reason = error instanceof Error ? error.message : String(error);
    if (/not permitted/.test(reason)) return undefined; // whoever has no rights cannot tell
    return /not installed/.test(reason) ? `${reason}; install it with: apt-get install nftables` : reason;
  }
}
