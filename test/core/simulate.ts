/**
 * A closed loop in virtual time: the core decides, and this plays the runner and the network. It starts checks when
 * `nextCheck` says so, asked anew after every event, and answers them from what each path's line does at that time.
 *
 *   steady check   one target; when it is overdue the others at once; overdue again: failed
 *   doubt          all targets at once; overdue: failed
 */
import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import type { Event, TargetResult } from '../../models/event.ts';
import type { Instant } from '../../models/instant.ts';
import type { PathKey } from '../../models/path.ts';
import { nextCheck } from '../../src/core/schedule/next-check.ts';
import { watchedDevices } from '../../src/core/schedule/watched-devices.ts';
import { initial, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import { SilenceDetector } from '../../src/watch/traffic/silence.ts';
import { exampleLinks, start } from './example.ts';

/** What the line of one provider does. */
export interface Line {
  readonly up: (ms: number) => boolean; // whether a packet sent then gets through; ms since the start
  readonly rttMs?: number; // @default 20, or a quarter of the deadline if that is less
  readonly lossRatio?: number; // of packets
}

/** What to simulate. Lines belong to the configuration's providers, in their order; IPv4 only. */
export interface Scene {
  readonly config: Config;
  readonly lines: readonly Line[];
  readonly forMs: number;
  readonly targets?: number; // @default 3
  readonly chance?: () => number; // for `lossRatio`
  readonly traffic?: true; // a packet each 10 ms through the active line, whose counters are watched
}

/** What came of it. */
export interface Outcome {
  readonly state: State;
  readonly events: readonly Event[];
  readonly decisions: readonly Decision[];
  readonly switches: readonly {
    readonly ms: number;
    readonly to: string | undefined;
    readonly reason: string;
  }[];
  readonly checks: number;
  /** Share of the packets of a 10 ms flow that met a dead active path, between two times. */
  deadRatio(fromMs: number, toMs: number): number;
}

interface Pending {
  readonly event: Event;
  readonly path: PathKey;
}

/** Runs a scene from the first reading of the devices to its end. */
export function simulate(scene: Scene): Outcome {
  const { config, forMs } = scene;
  const state = initial(config, start);
  const events: Event[] = [];
  const decisions: Decision[] = [];
  const take = (event: Event): void => {
    events.push(event);
    decisions.push(...step(state, event).decisions);
  };
  take({ type: 'links', at: start, links: exampleLinks(config.providers.length) });
  const running = new Map<PathKey, Pending>();
  let checks = 0;
  let now = start;
  let tickAt = start + 1000;
  const traffic = new Traffic(scene);
  for (;;) {
    const due = earliestStart(state, running);
    const done = earliestEnd(running);
    now = Math.max(now, Math.min(tickAt, traffic.at, startOf(due), endOf(done)));
    if (now > start + forMs) break;
    traffic.sample(now, state).forEach(take);
    if (done !== undefined && done.event.at <= now) {
      running.delete(done.path);
      take(done.event);
    } else if (due !== undefined && due.at <= now) {
      running.set(due.path, { path: due.path, event: round(scene, due, now) });
      checks += 1;
    } else if (tickAt <= now) {
      take({ type: 'tick', at: now });
      tickAt = now + 1000;
    }
  }
  const switches = decisions
    .filter(({ kind }) => kind === 'switch')
    .map(({ at, to, reason }) => ({ ms: at - start, to, reason }));
  const deadRatio = (fromMs: number, toMs: number): number => flow(scene, switches, fromMs, toMs);
  return { state, events, decisions, switches, checks, deadRatio };
}

/** The flow, and the daemon's watch over the counters of the device that carries it. */
class Traffic {
  readonly #scene: Scene;
  readonly #detectors = new Map<string, SilenceDetector>();
  readonly #counters = new Map<string, { rx: number; tx: number }>();
  #sendAt = start;
  #closerAt = start;
  at: Instant; // of the next sample

  constructor(scene: Scene) {
    this.#scene = scene;
    this.at = scene.traffic === true ? start : Number.POSITIVE_INFINITY;
  }

  /** Takes a sample, when one is due, of the devices that carry traffic. */
  sample(at: Instant, state: State): Event[] {
    if (at < this.at) return [];
    const [carrier] = state.active[4];
    const line = state.config.providers.findIndex(({ id }) => id === carrier);
    for (; this.#sendAt < at; this.#sendAt += 10) this.#send(line, this.#sendAt);
    this.at += 100;
    return [...watchedDevices(state).rarelyChecked].flatMap((device) => {
      const detector = this.#detectors.get(device) ?? new SilenceDetector();
      this.#detectors.set(device, detector);
      const found = detector.take(at, this.#of(device), 400);
      if (detector.isDoubtful && at - this.#closerAt >= 500) [this.at, this.#closerAt] = [at + 45, at];
      return found === undefined ? [] : { type: 'traffic', at, device, silentSince: detector.silentSince };
    });
  }

  #send(line: number, at: Instant): void {
    const counters = this.#of(this.#scene.config.providers[line]?.interfaceName ?? '');
    counters.tx += 1;
    if (answers(this.#scene, line, at - start, 1)[0] === true) counters.rx += 1;
  }

  #of(device: string): { rx: number; tx: number } {
    const known = this.#counters.get(device) ?? { rx: 0, tx: 0 };
    this.#counters.set(device, known);
    return known;
  }
}

interface Due {
  readonly path: PathKey;
  readonly at: Instant;
  readonly burst: boolean;
  readonly line: number;
}

function startOf(due: Due | undefined): Instant {
  return due?.at ?? Number.POSITIVE_INFINITY;
}

function endOf(pending: Pending | undefined): Instant {
  return pending?.event.at ?? Number.POSITIVE_INFINITY;
}

function earliestStart(state: State, running: ReadonlyMap<PathKey, Pending>): Due | undefined {
  let first: Due | undefined;
  for (const path of state.paths.values()) {
    if (!path.expected || running.has(path.key)) continue;
    const plan = nextCheck(state, path);
    if (plan === undefined || (first !== undefined && plan.at >= first.at)) continue;
    const line = state.config.providers.findIndex(({ id }) => id === path.provider.id);
    first = { path: path.key, at: plan.at, burst: plan.burst, line };
  }
  return first;
}

function earliestEnd(running: ReadonlyMap<PathKey, Pending>): Pending | undefined {
  let first: Pending | undefined;
  for (const pending of running.values()) {
    if (first === undefined || pending.event.at < first.event.at) first = pending;
  }
  return first;
}

/** A round begun at `now`, as the event it will end in. */
function round(scene: Scene, { path, burst, line }: Due, now: Instant): Event {
  const { config, targets = 3 } = scene;
  const deadlineMs = Math.min(50, config.checkIntervalMs / 2);
  const rttMs = scene.lines[line]?.rttMs ?? Math.min(20, deadlineMs / 4);
  const ask = (at: Instant, packets: number): boolean[] => answers(scene, line, at - start, packets);
  const late = { ok: false, code: 'no-answer', reason: 'no answer' } as const;
  const names = config.testScenarios.map(({ name }) => name).slice(0, targets);
  const nameOf = (nth: number): string => names[(Math.floor(now) + nth) % names.length] ?? '';
  const asked = ask(now, burst ? targets : 1);
  const packets = [{ target: nameOf(0), answered: asked[0] === true }];
  const answer = (nth: number): TargetResult => ({ target: nameOf(nth), result: { ok: true, rttMs } });
  const end = (at: Instant, ok: boolean, found: readonly TargetResult[] = []): Event => {
    const result = ok ? ({ ok, rttMs } as const) : late;
    return { type: 'check', at, startedAt: now, path, result, targets: found, packets };
  };
  const first = asked.indexOf(true);
  if (first >= 0) return end(now + rttMs, true, [answer(first)]);
  if (burst || targets === 1) return end(now + deadlineMs, false);
  const second = now + deadlineMs;
  const other = ask(second, targets - 1).indexOf(true);
  if (other < 0) return end(second + deadlineMs, false);
  return end(second + rttMs, true, [{ target: nameOf(0), result: late }, answer(1 + other)]);
}

/** Which of so many packets, sent at once, are answered. */
function answers(scene: Scene, line: number, ms: number, packets: number): boolean[] {
  const { up, lossRatio = 0 } = scene.lines[line] ?? { up: () => false };
  const isUp = up(ms);
  return Array.from(
    { length: packets },
    () => isUp && (lossRatio === 0 || (scene.chance?.() ?? 0.5) >= lossRatio),
  );
}

function flow(scene: Scene, switches: Outcome['switches'], fromMs: number, toMs: number): number {
  let lost = 0;
  let sent = 0;
  for (let ms = fromMs; ms < toMs; ms += 10) {
    const active = switches.findLast((change) => change.ms <= ms)?.to;
    const line = scene.config.providers.findIndex(({ id }) => id === active);
    sent += 1;
    if (!(scene.lines[line]?.up(ms) ?? false)) lost += 1;
  }
  return lost / sent;
}

/** A repeatable source of chance, 0..1 (mulberry32). */
export function chanceFrom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
