/** What a lab's ISP does to passing packets: loss and delay. */
import type { Isp } from './isp.ts';
import { must, runInside } from './namespace.ts';
import { now } from './now.ts';
import { type RelayLine, startRelay } from './relay-process.ts';
import type { Sessions } from './sessions.ts';
import { prefs } from './topology.ts';

/**
 * Loses this share of round trips from now on: the two directions' drops together give `ratio`, of everything
 * but neighbour discovery. Resolves with the instant from which it applies.
 */
export async function setLoss(isp: Isp, ratio: number): Promise<number> {
  if (!(ratio >= 0 && ratio <= 1)) throw new Error(`Loss is a ratio of 0 to 1, not ${ratio}`);
  const perDirection = Math.round((1 - Math.sqrt(1 - ratio)) * 1e6);
  // nft can only compare with "less than"
  const share = perDirection === 1e6 ? '' : `numgen random mod 1000000 < ${perDirection}`;
  const drop = (device: string): string => `iifname "${device}" ${share} drop`;
  const table = `table inet loss {
  chain prerouting {
    type filter hook prerouting priority -300
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert } accept
    ${drop('customer')}
    ${drop('upstream')}
  }
}`;
  const emptied = 'table inet loss {}\ndelete table inet loss\n';
  await must(isp.name, ['nft', '-f', '-'], perDirection === 0 ? emptied : `${emptied}${table}\n`);
  return now();
}

/** The delay an ISP adds to each round trip: by netem where the kernel has it, else by a relay process. */
export class DelayRelay {
  readonly #isp: Isp;
  readonly #sessions: Sessions;
  readonly #uplink: () => RelayLine | undefined; // a tun ISP's own relay delays as well
  #relay: RelayLine | undefined;
  #diverted = false;

  constructor(isp: Isp, sessions: Sessions, uplink: () => RelayLine | undefined) {
    this.#isp = isp;
    this.#sessions = sessions;
    this.#uplink = uplink;
  }

  /** @throws {Error} where there is neither netem nor a tun device */
  async set(ms: number): Promise<number> {
    if (!(ms >= 0 && ms <= 60_000)) throw new Error(`Delay is 0 to 60000 ms, not ${ms}`);
    const uplink = this.#uplink();
    if (uplink) uplink.hold(ms / 2);
    else if (this.#relay !== undefined || !(await this.#netem(ms))) await this.#divert(ms);
    return now();
  }

  async close(): Promise<void> {
    await this.#relay?.close();
  }

  /** False where the kernel has no netem. The answers' direction carries all of the delay. */
  async #netem(ms: number): Promise<boolean> {
    const change = ['tc', 'qdisc', 'replace', 'dev', 'customer', 'root', 'netem'];
    const outcome = await runInside(this.#isp.name, [...change, 'limit', '100000', 'delay', `${ms}ms`]);
    return outcome.code === 0;
  }

  /** Routes forwarded packets through the relay, or past it again at 0 ms. */
  async #divert(ms: number): Promise<void> {
    if (ms > 0) this.#relay ??= await this.#startRelay();
    this.#relay?.hold(ms / 2);
    if (ms > 0 === this.#diverted) return;
    this.#diverted = ms > 0;
    const verb = this.#diverted ? 'add' : 'del';
    await this.#sessions.both(this.#isp.name, [
      `rule ${verb} pref ${prefs.delay} iif customer lookup 1001`,
      `rule ${verb} pref ${prefs.delay} iif upstream lookup 1002`,
    ]);
  }

  async #startRelay(): Promise<RelayLine> {
    const relay = await startRelay(this.#isp.name, ['held0', 'held1']);
    await this.#sessions.of(this.#isp.name).run('link set held0 up', 'link set held1 up');
    await this.#sessions.both(this.#isp.name, [
      'route replace default dev held0 table 1001',
      'route replace default dev held1 table 1002',
    ]);
    return relay;
  }
}
