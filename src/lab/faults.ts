import { setTimeout as sleep } from 'node:timers/promises';
import type { Family } from '../../models/path.ts';
import { batch } from './build.ts';
import type { Isp } from './isp.ts';
import { DelayRelay, setLoss } from './netem.ts';
import { now } from './now.ts';
import { type RelayLine, startRelay } from './relay-process.ts';
import { Sessions } from './sessions.ts';
import { prefs, spellAddress, spellCustomerCable, spellCustomerEnd, spellRouterEnd } from './topology.ts';

/** How an ISP flaps. */
export interface Flapping {
  readonly upMs: number;
  readonly downMs: number; // down comes first
  readonly count: number; // how many times it goes down
  readonly by?: 'cut' | 'carrier'; // @default 'cut'
}

/**
 * What can go wrong in a lab. Each method resolves when the fault is there, with the instant it was injected
 * (Unix epoch, ms with a fraction), and does nothing where it is there already.
 * All throw on names of no ISP in the lab.
 */
export class Faults {
  readonly isps: readonly Isp[];
  protected readonly sessions = new Sessions();
  readonly #delays = new Map<string, DelayRelay>();
  readonly #losses = new Map<string, number>(); // ratios, by ISP
  readonly #uplinks = new Map<string, RelayLine>();
  readonly #blocked = new Set<string>();
  readonly #downs = new Set<string>(); // ISPs whose carrier we removed
  readonly #flaps = new Map<string, AbortController>();
  #nextIndex = 11;

  constructor(isps: readonly Isp[]) {
    this.isps = isps;
    for (const isp of isps) {
      const delay = new DelayRelay(isp, this.sessions, () => this.#uplinks.get(isp.name));
      this.#delays.set(isp.name, delay);
    }
  }

  /** Dies silently upstream: nothing is forwarded, while the gateway itself still answers. */
  cut(name: string): Promise<number> {
    return this.#block(this.isp(name).name, prefs.cut);
  }

  /** The ISP answers nothing at all, not even ARP; the carrier stays. */
  gatewayDeath(name: string): Promise<number> {
    return this.#block(this.isp(name).name, prefs.dead);
  }

  /** Ends cut, gateway death, flapping and carrier loss. Loss and delay stay as they are. */
  async heal(name: string): Promise<number> {
    this.#flaps.get(this.isp(name).name)?.abort();
    const ends = [prefs.cut, prefs.dead].map((pref) => this.#unblock(name, pref));
    const [at = now()] = await Promise.all([...ends, this.carrier(name, true)]);
    return at;
  }

  /** The router's device loses its carrier, or regains it. */
  async carrier(name: string, present: boolean): Promise<number> {
    const isp = this.isp(name);
    if (present) this.#downs.delete(name);
    else this.#downs.add(name);
    const answer =
      isp.kind === 'tun'
        ? this.sessions.of('router').run(`link set ${isp.device} carrier ${present ? 'on' : 'off'}`)
        : this.sessions.of(name).run(`link set customer ${present ? 'up' : 'down'}`);
    return (await answer).at;
  }

  /** Sets the share of round trips lost, 0..1, of all traffic, in both directions. */
  async loss(name: string, ratio: number): Promise<number> {
    const at = await setLoss(this.isp(name), ratio);
    this.#losses.set(name, ratio);
    return at;
  }

  /**
   * Sets the time added to every round trip beyond the gateway. @throws {Error} with neither netem nor tun
   */
  async delay(name: string, ms: number): Promise<number> {
    return await (this.#delays.get(this.isp(name).name)?.set(ms) ?? now());
  }

  /** Goes down and up `count` times; resolves when that is over or it is healed, and it is up. */
  async flap(name: string, { upMs, downMs, count, by = 'cut' }: Flapping): Promise<void> {
    this.#flaps.get(this.isp(name).name)?.abort();
    const stop = new AbortController();
    this.#flaps.set(name, stop);
    for (let i = 0; i < count && !stop.signal.aborted; i++) {
      await (by === 'cut' ? this.cut(name) : this.carrier(name, false));
      await pause(downMs, stop.signal);
      await (by === 'cut' ? this.#unblock(name, prefs.cut) : this.carrier(name, true));
      await pause(upMs, stop.signal);
    }
  }

  /** One address of the internet stops answering, on every path. */
  killTarget(address: string): Promise<number> {
    return this.#target('add', address);
  }

  /** The address answers again. */
  reviveTarget(address: string): Promise<number> {
    return this.#target('del', address);
  }

  /** Removes the router's address from the device: the described one, or another. `'10.10.1.7/24'` */
  async removeAddress(name: string, family: Family, address?: string): Promise<number> {
    return (await this.sessions.of('router').run(`address del ${this.#words(name, family, address)}`)).at;
  }

  /** Adds the described address, or another of that ISP, to the router. */
  async addAddress(name: string, family: Family, address?: string): Promise<number> {
    return (await this.sessions.of('router').run(`address add ${this.#words(name, family, address)}`)).at;
  }

  /** The router's device vanishes. */
  async removeDevice(name: string): Promise<number> {
    const isp = this.isp(name);
    const { at } = await this.sessions.of('router').run(`link del ${isp.device}`);
    await this.#uplinks.get(name)?.close();
    this.#uplinks.delete(name);
    for (const namespace of ['router', name]) this.sessions.forget(namespace);
    return at;
  }

  /**
   * Creates the router's device (again), up and with its addresses, under a new index. Removes an existing
   * one first.
   */
  async recreateDevice(name: string): Promise<number> {
    const isp = this.isp(name);
    const { output } = await this.sessions.of('router').run('link show');
    if (new RegExp(`^\\d+: ${isp.device}[@:]`, 'm').test(output)) await this.removeDevice(name);
    if (isp.kind === 'tun') await this.connectTun(isp);
    else {
      await this.sessions.of('router').run(spellCustomerCable(isp, this.takeIndex()));
      await this.sessions.of(name).run(...spellCustomerEnd(isp));
      await this.sessions.of('router').run(...spellRouterEnd(isp));
    }
    return now();
  }

  /** What is currently wrong with an ISP's line, in a word or two; `well` when nothing is. */
  condition(name: string): string {
    const isp = this.isp(name);
    if (this.#downs.has(isp.name)) return 'no carrier';
    if (this.#blocked.has(`${name} ${prefs.dead}`)) return 'gateway dead';
    if (this.#blocked.has(`${name} ${prefs.cut}`)) return 'cut';
    const ratio = this.#losses.get(isp.name) ?? 0;
    return ratio > 0 ? `${Number((100 * ratio).toFixed(1))} % loss` : 'well';
  }

  /** The ISP of that name. @throws {Error} naming those that exist */
  isp(name: string): Isp {
    const found = this.isps.find((isp) => isp.name === name);
    if (found) return found;
    const names = this.isps.map((isp) => isp.name).join(', ');
    throw new Error(`The lab has no ISP "${name}"; it has ${names}`);
  }

  /** Device indexes of the router that are not in use. */
  protected takeIndex(): number {
    return this.#nextIndex++;
  }

  /**
   * Creates a point-to-point uplink: a relay in the ISP's namespace, with one of its devices moved to the
   * router.
   */
  protected async connectTun(isp: Isp): Promise<void> {
    this.#uplinks.set(isp.name, await startRelay(isp.name, ['customer', isp.device]));
    await this.sessions.of(isp.name).run(`link set ${isp.device} netns router`);
    await batch(isp.name, spellCustomerEnd(isp));
    await this.sessions.of('router').run(...spellRouterEnd(isp));
    this.#uplinks.get(isp.name)?.hold(isp.delayMs / 2);
  }

  protected async closeFaults(): Promise<void> {
    for (const flap of this.#flaps.values()) flap.abort();
    for (const relay of [...this.#delays.values(), ...this.#uplinks.values()]) await relay.close();
    this.sessions.close();
  }

  async #block(name: string, pref: number): Promise<number> {
    if (this.#blocked.has(`${name} ${pref}`)) return now();
    this.#blocked.add(`${name} ${pref}`);
    return await this.sessions.both(name, spellBlock('add', pref));
  }

  async #unblock(name: string, pref: number): Promise<number> {
    if (!this.#blocked.delete(`${name} ${pref}`)) return now();
    return await this.sessions.both(name, spellBlock('del', pref));
  }

  async #target(verb: 'add' | 'del', address: string): Promise<number> {
    const session = this.sessions.of('internet', address.includes(':') ? 6 : 4);
    return (await session.run(`rule ${verb} pref ${prefs.dead} to ${address} blackhole`)).at;
  }

  #words(name: string, family: Family, address: string | undefined): string {
    const isp = this.isp(name);
    if (address !== undefined) return `${address} dev ${isp.device}${family === 6 ? ' nodad' : ''}`;
    const words = spellAddress(isp, family);
    if (words === undefined) throw new Error(`The lab's ISP ${name} has no IPv${family}`);
    return words;
  }
}

function spellBlock(verb: 'add' | 'del', pref: number): readonly string[] {
  return ['customer', 'upstream'].map((device) => `rule ${verb} pref ${pref} iif ${device} blackhole`);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: the ISP was healed, so the flapping must end now.
  }
}
