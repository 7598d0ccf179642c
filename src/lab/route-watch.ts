import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family } from '../../models/path.ts';
import { DefaultRoutes, type RouteReport } from './default-routes.ts';
import { IpSession } from './ip-session.ts';
import { startInside } from './namespace.ts';
import { now } from './now.ts';

/** Watches the router's default routes of both families. */
export interface RouteWatch {
  /** What happened in a family since the watch began. */
  report(family: Family): RouteReport;
  /** Reads the tables once more, ends the watch, and reports. */
  stop(): Promise<Readonly<Record<Family, RouteReport>>>;
}

/** Starts watching; resolves once nothing can be missed. */
export async function watchRoutes(): Promise<RouteWatch> {
  const [four, six] = await Promise.all([watchFamily(4), watchFamily(6)]);
  const of = (family: Family): Watcher => (family === 4 ? four : six);
  return {
    report: (family) => of(family).report(),
    async stop() {
      await Promise.all([four.stop(), six.stop()]);
      return { 4: four.report(), 6: six.report() };
    },
  };
}

async function watchFamily(family: Family): Promise<Watcher> {
  const watcher = new Watcher(family);
  await watcher.start();
  return watcher;
}

/** A route in an unused table, whose event shows that the monitor is listening. */
const sign = { 4: 'unreachable 192.0.2.77', 6: 'unreachable 2001:db8:fffe::77' } as const;
const signTable = 4242;

class Watcher {
  readonly #family: Family;
  readonly #session: IpSession;
  readonly #monitor;
  #routes: DefaultRoutes | undefined;
  #listening = false;
  #events = 0; // route events so far: a reading that an event overtakes is void
  #lookingSince: number | undefined;
  #stopped = false;
  #end: number | undefined; // of the watch: reports end there

  constructor(family: Family) {
    this.#family = family;
    this.#session = new IpSession('router', family);
    const monitor = ['ip', '-ts', '-N', '-o', `-${family}`, 'monitor', 'link', 'address', 'route'];
    this.#monitor = startInside('router', monitor, { env: { TZ: 'UTC' } });
    createInterface({ input: this.#monitor.stdout }).on('line', (line) => this.#hear(line));
    this.#monitor.stderr.resume(); // devices vanish while `ip` looks up their names; the events still come
  }

  async start(): Promise<void> {
    const deadline = now() + 10_000;
    while (!this.#listening) {
      if (now() > deadline) throw new Error(`"ip monitor" in the lab's router reported no event within 10 s`);
      await this.#session.run(`route replace ${sign[this.#family]} table ${signTable}`);
      await sleep(20);
      await this.#session.run(`route del ${sign[this.#family]} table ${signTable}`);
    }
    this.#routes = new DefaultRoutes(now(), await this.#read());
  }

  report(): RouteReport {
    if (this.#routes === undefined) throw new Error('The route watch has not begun');
    return this.#routes.report(this.#end ?? now());
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await sleep(20); // events of the last change may still be in the monitor's pipe
    if (this.#monitor.exitCode === null) await this.#look(now());
    this.#end = now();
    this.#monitor.kill('SIGKILL');
    this.#session.close();
  }

  #hear(line: string): void {
    this.#listening = true;
    const [, stamp, text] = /^\[(\S+)\] (.*)$/.exec(line) ?? [];
    if (stamp === undefined || text === undefined || this.#routes === undefined) return;
    const at = readStamp(stamp);
    if (this.#routes.event(at, text)) this.#events++;
    // Any event may be all there is of a vanished route; one reading covers everything that happens while it
    // runs.
    if (this.#lookingSince !== undefined) return;
    this.#lookingSince = at;
    setTimeout(() => this.#look(at).catch(() => undefined), 5); // refused only when the lab is being closed
  }

  async #look(since: number): Promise<void> {
    const events = this.#events;
    const lines = await this.#read();
    this.#lookingSince = undefined;
    if (events === this.#events) this.#routes?.found(since, lines);
    else await this.#look(now());
  }

  async #read(): Promise<readonly string[]> {
    const { output } = await this.#session.run('route show default table 254');
    return output.split('\n').filter((line) => line !== '');
  }
}

/** `2026-11-20T13:09:28.873087`, in UTC, as Unix epoch ms with its fraction. */
function readStamp(stamp: string): number {
  const [seconds = '', fraction = '0'] = stamp.split('.');
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction}`) * 1000;
}
