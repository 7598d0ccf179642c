/**
 * The kernel's devices, addresses, foreign default routes and foreign rules. A line of `ip monitor` only means "read again":
 * some changes (a link set down loses its IPv4 routes) are never announced as such.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { ForeignRule } from '../../models/foreign-rule.ts';
import type { DefaultRoute, Link, Links, Neighbour } from '../../models/link.ts';
import { messageOf } from '../../models/message-of.ts';
import { startTied } from '../kernel/exec.ts';
import { CoalescedRead } from './coalesced-read.ts';
import { readForeign, show } from './read-foreign.ts';
import { joined, readLinks, readNeighbours } from './read-links.ts';

/** Answers `address show`; the daemon's long-lived `ip` session. */
export type ShowAddresses = () => Promise<readonly unknown[]>;

/** The watcher's callbacks. */
export interface LinkSinks {
  links(links: Links): void; // their state now; only when something changed
  routes(): void; // our own routes or rules may have changed
  defaults?(): void; // a default route came or went, ours or foreign
  isOurs?(route: DefaultRoute): boolean; // created by another program on our behalf: not a foreign default
  trouble(message: string): void; // the watcher is impaired, and retries
}

const resyncMs = 10_000;
const farResyncs = 6; // resyncs between reads of default routes, which take a process each
const restartMs = 500;
const listeningMs = 250; // until the monitor is listening
// starting the process that reads default routes holds up everything else for milliseconds
const linksFirstMs = 5;
const pauseMs = 2; // so that all lines of one change arrive before the read

export class LinkWatcher {
  readonly #show: ShowAddresses;
  readonly #sinks: LinkSinks;
  #monitor: ChildProcessWithoutNullStreams | undefined;
  #links: readonly Link[] = [];
  #defaults: readonly DefaultRoute[] = [];
  #rules: readonly ForeignRule[] = [];
  #neighbours: readonly Neighbour[] = [];
  #neighboured: ReadonlySet<string> = new Set(); // devices whose neighbours are read
  #published = '';
  readonly #linkReading = this.#reading(() => this.#readLinks());
  readonly #defaultReading = this.#reading(async () => {
    await new Promise((resolve) => setTimeout(resolve, linksFirstMs));
    await this.#readFarther();
    this.#publish();
  });
  #resync: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #rest = '';
  #closed = false;

  constructor(show: ShowAddresses, sinks: LinkSinks) {
    this.#show = show;
    this.#sinks = sinks;
  }

  /** Reads everything once, with the neighbours of these devices. @throws {Error} when `ip` cannot be run */
  async read(neighboured: readonly string[] = []): Promise<Links> {
    this.#neighboured = new Set(neighboured);
    this.#links = readLinks(await this.#show());
    await this.#readFarther();
    const links = this.#found();
    this.#published = JSON.stringify(links);
    return links;
  }

  /**
   * From now on also reads the neighbours of these devices, at once and at each resync: they change too often
   * for events.
   */
  watchNeighbours(devices: readonly string[]): void {
    const isSame =
      devices.length === this.#neighboured.size && devices.every((name) => this.#neighboured.has(name));
    if (isSame) return;
    this.#neighboured = new Set(devices);
    this.#wake({ links: false, defaults: true });
  }

  /** Watches until closed. */
  watch(): void {
    this.#spawn();
    // Changes since the last read, or before the monitor listened, are not announced.
    setTimeout(() => this.#wake({ links: true, defaults: true }), listeningMs).unref();
    let resyncs = 0;
    this.#resync = setInterval(() => {
      resyncs += 1;
      this.#wake({ links: true, defaults: resyncs % farResyncs === 0 || this.#neighboured.size > 0 });
    }, resyncMs);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#resync);
    clearTimeout(this.#restart);
    this.#linkReading.close();
    this.#defaultReading.close();
    this.#monitor?.kill('SIGKILL');
  }

  #spawn(): void {
    const monitor = startTied('ip', ['-N', 'monitor', 'link', 'address', 'route', 'rule', 'nexthop']);
    this.#monitor = monitor;
    monitor.stdout.setEncoding('utf8').on('data', (text: string) => this.#lines(text));
    // It reports lost kernel messages (ENOBUFS) here; and unread output would fill the pipe and block it.
    monitor.stderr.on('data', () => this.#wake({ links: true, defaults: true }));
    monitor.on('error', (error) => this.#sinks.trouble(`ip monitor could not be started: ${error.message}`));
    monitor.on('close', () => {
      if (this.#closed) return;
      this.#sinks.trouble('ip monitor ended; it is restarted, and everything is re-read');
      this.#restart = setTimeout(() => {
        this.#spawn();
        this.#wake({ links: true, defaults: true });
      }, restartMs);
    });
  }

  #lines(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const found = { links: false, defaults: false, rules: false, routes: false };
    for (const line of lines) classify(line, found);
    if (found.routes) this.#sinks.routes();
    found.defaults ||= found.routes && this.#defaults.some(({ protocol }) => protocol === joined); // until ours left it
    if (found.defaults) this.#sinks.defaults?.();
    const isForeign = found.defaults || found.rules;
    if (found.links || isForeign) this.#wake({ links: found.links, defaults: isForeign });
  }

  /**
   * Each is read separately: a lost carrier does not wait for reading the default routes of a full BGP table.
   */
  #wake({ links, defaults }: { links: boolean; defaults: boolean }): void {
    if (links) this.#linkReading.request();
    if (defaults) this.#defaultReading.request();
  }

  #reading(read: () => Promise<void>): CoalescedRead {
    const trouble = (error: unknown): void =>
      this.#sinks.trouble(`devices cannot be read: ${messageOf(error)}`);
    return new CoalescedRead({ read, trouble, pauseMs, retryMs: restartMs });
  }

  async #readLinks(): Promise<void> {
    this.#links = readLinks(await this.#show());
    this.#publish();
    if (!this.#closed) this.#sinks.routes();
  }

  #publish(): void {
    const links = this.#found();
    const text = JSON.stringify(links);
    if (text === this.#published || this.#closed) return;
    this.#published = text;
    this.#sinks.links(links);
  }

  #found(): Links {
    const rules = this.#rules.length === 0 ? {} : { rules: this.#rules };
    const known = { links: this.#links, defaults: this.#defaults, ...rules };
    return this.#neighboured.size === 0 ? known : { ...known, neighbours: this.#neighbours };
  }

  async #readFarther(): Promise<void> {
    const { defaults, rules } = await readForeign();
    this.#defaults = defaults.filter((route) => this.#sinks.isOurs?.(route) !== true);
    this.#rules = rules;
    if (this.#neighboured.size === 0) return;
    const shown = await show(['-N', '-j', 'neighbour', 'show']);
    this.#neighbours = readNeighbours(JSON.parse(shown), this.#neighboured);
  }
}

/**
 * Which reads a line of `ip monitor` calls for. Lines about foreign, specific routes (BGP churn) call for
 * none.
 */
function classify(line: string, found: Record<'links' | 'defaults' | 'rules' | 'routes', boolean>): void {
  const subject = line.startsWith('Deleted ') ? line.slice('Deleted '.length) : line;
  if (/^\d+: /.test(subject)) {
    found.links = true; // '11: eth1@p1: <…>' and '11: eth1    inet …'
    found.defaults = true;
  } else if (/^\d+:\t/.test(subject)) {
    found.routes = true; // a rule
    found.rules ||= !/ proto 77\b/.test(subject);
  } else if (/^(unreachable )?default\b/.test(subject)) {
    found.routes = true; // others' IPv6 default may have joined ours
    found.defaults ||= !/ proto 77\b/.test(subject) || /^default proto /.test(subject); // the latter: several hops
  } else if (/ proto 77\b/.test(subject)) found.routes = true;
}
