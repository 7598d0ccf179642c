/** Time without a default route, and switches, from the kernel's own route events. Pure. */

/** A time during which `main` had no default route. */
export interface Gap {
  readonly from: number; // Unix epoch, ms
  readonly ms: number; // until the next default route, or until the report while it lasts
}

/** The device of the lowest metric, from an instant on; several joined by +. */
export interface Change {
  readonly at: number; // Unix epoch, ms
  readonly device: string | undefined; // undefined: there is no default route
}

/** What happened to the default routes of `main` in one family. */
export interface RouteReport {
  readonly withoutDefaultMs: number; // sum of all gaps
  readonly gaps: readonly Gap[];
  readonly switches: number; // changes of device at the lowest metric
  readonly changes: readonly Change[]; // the same with their times, in order, the first is how it began
  readonly device: string | undefined; // of the lowest metric, now; several joined by +
}

/**
 * Follows the default routes of `main` in one family. A new route replaces one with the same metric, as
 * `replace` does not announce the old one. Routes that vanish without an event (link down, last address gone)
 * are learnt by `found`.
 */
export class DefaultRoutes {
  readonly #changes: Change[] = [];
  readonly #gaps: { from: number; ms: number }[] = [];
  #routes = new Map<number, string>(); // by metric: devices
  #since: number | undefined; // start of the current gap
  #lastDevice: string | undefined;
  #switches = 0;

  /** Starts from what the table holds now: no gap before it. */
  constructor(at: number, lines: readonly string[]) {
    this.#routes = readTable(lines);
    this.#judge(at);
  }

  /**
   * One route event, a line as `ip -o -N monitor route` prints it; others are ignored. True when it concerns
   * our family's default routes.
   */
  event(at: number, line: string): boolean {
    const deleted = line.startsWith('Deleted ');
    const route = readRoute(deleted ? line.slice('Deleted '.length) : line);
    if (route === undefined) return false;
    if (!deleted) this.#routes.set(route.metric, route.device);
    else if (this.#routes.get(route.metric) === route.device) this.#routes.delete(route.metric);
    this.#judge(at);
    return true;
  }

  /** What the table holds, as lines of `ip -o route show`; `at` is when something caused us to look. */
  found(at: number, lines: readonly string[]): void {
    this.#routes = readTable(lines);
    this.#judge(at);
  }

  /** What happened to default routes until `at`. */
  report(at: number): RouteReport {
    const present = this.#since === undefined ? [] : [{ from: this.#since, ms: at - this.#since }];
    const gaps = [...this.#gaps, ...present];
    return {
      withoutDefaultMs: gaps.reduce((sum, { ms }) => sum + ms, 0),
      gaps,
      switches: this.#switches,
      changes: this.#changes,
      device: this.#device(),
    };
  }

  #judge(at: number): void {
    const device = this.#device();
    const last = this.#changes.at(-1);
    if (last === undefined || last.device !== device) this.#changes.push({ at, device });
    if (device === undefined) {
      this.#since ??= at;
      return;
    }
    if (this.#since !== undefined) this.#gaps.push({ from: this.#since, ms: Math.max(0, at - this.#since) });
    this.#since = undefined;
    if (this.#lastDevice !== undefined && this.#lastDevice !== device) this.#switches++;
    this.#lastDevice = device;
  }

  #device(): string | undefined {
    return this.#routes.get(Math.min(...this.#routes.keys()));
  }
}

function readTable(lines: readonly string[]): Map<number, string> {
  const routes = lines.flatMap((line) => readRoute(line) ?? []);
  // Where several share a metric (`append`), the kernel uses the first.
  return new Map(routes.toReversed().map(({ metric, device }) => [metric, device]));
}

/**
 * A default route of `main`; undefined for everything else, including types that carry nothing
 * (`unreachable`).
 */
function readRoute(line: string): { metric: number; device: string } | undefined {
  if (!/^default\s/.test(line) || / table (?!254\b)\S+/.test(line)) return undefined;
  const devices = [...line.matchAll(/ dev (\S+)/g)].map(([, device]) => device ?? '');
  return { metric: Number(/ metric (\d+)/.exec(line)?.[1] ?? 0), device: devices.join('+') };
}
