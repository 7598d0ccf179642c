/**
 * Builds the sources, the backend and the sinks, and runs the loop: an event in, the state advanced, the kernel and
 * the next checks brought into line with it, the decisions told.
 */
import type { Config } from '../../models/config.ts';
import type { Decision, UnnumberedDecision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import { unmarkedDecision } from '../core/connections/connection-decisions.ts';
import { keepMarks } from '../core/connections/keep-marks.ts';
import { lifecycleDecision, stopDecision } from '../core/report/decisions.ts';
import { desired } from '../core/routes/desired.ts';
import { recoverMemory } from '../core/start.ts';
import { discoveryDevices } from '../core/state/gateway-search.ts';
import { initial, memoryOf, type State } from '../core/state/state.ts';
import { step } from '../core/step.ts';
import { DeviceSettings } from '../kernel/device-settings.ts';
import { chooseEcho } from '../probes/echo/choose-echo.ts';
import type { Journal } from '../report/journal.ts';
import { createRecorder, type Recorder } from '../report/recorder.ts';
import { StickyWatcher } from '../watch/sticky-watcher.ts';
import { type Backend, joinLeftovers, openBackend, withSupportedFeatures } from './backend.ts';
import { Checks } from './checks.ts';
import { now, onOurClock } from './clock.ts';
import { Connections } from './connections.ts';
import { daemonSnapshot, withConnections } from './daemon-snapshot.ts';
import { DecisionLog } from './decision-log.ts';
import { RouteSync } from './route-sync.ts';
import type { Store, Stored } from './store.ts';
import { StoreSchedule } from './store-schedule.ts';

/** What the daemon is built from. */
export interface DaemonParts {
  readonly config: Config;
  readonly configFile: string;
  readonly version: string;
  readonly journal: Journal;
  readonly store: Store;
  readonly stored: Stored; // what an earlier run left
  readonly record: string | undefined; // file to record events to
}

const tickMs = 1000;

export class Daemon {
  readonly #parts: DaemonParts;
  readonly #echo = chooseEcho();
  readonly #backend: Backend;
  readonly #connections: Connections;
  readonly #checks: Checks;
  readonly #routes: RouteSync;
  readonly #telling: DecisionLog;
  readonly #devices: DeviceSettings;
  readonly #keeper: StoreSchedule;
  readonly #timers: NodeJS.Timeout[] = [];
  #sticky: StickyWatcher;
  #state: State;
  #recorder: Recorder | undefined;
  #routed = false; // our tables are in place: checks made earlier would leave by the wrong way
  #closed = false;
  #configured: Config | undefined; // what checks are made by

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.#state = initial(parts.config, now());
    this.#devices = new DeviceSettings({
      earlier: parts.stored.sysctls,
      remember: () => this.remember(),
      trouble: (message) => parts.journal.say('warning', message),
    });
    this.#telling = new DecisionLog(parts.journal, parts.stored.history, () => this.#keeper.saveSoon());
    this.#keeper = new StoreSchedule(parts.store, () => ({
      savedAt: now(),
      memory: memoryOf(this.#state),
      history: this.#telling.latest(),
      sysctls: this.#devices.earlier,
    }));
    this.#backend = openBackend(
      (note) => this.#take({ type: 'kernel', at: now(), note }),
      {
        links: (links) => this.#take({ type: 'links', at: now(), links }),
        trouble: (message) => parts.journal.say('warning', message),
      },
      () => this.#state.config,
    );
    this.#connections = new Connections({
      tell: (decision) => this.tell(decision),
      note: (note) => this.#take({ type: 'kernel', at: now(), note }),
    });
    this.#routes = new RouteSync({
      reconciler: this.#backend.reconciler,
      connections: this.#connections,
    });
    this.#checks = new Checks({
      config: parts.config,
      echo: this.#echo,
      emit: (event) => this.#take(event),
      complain: (sentence) => parts.journal.say('err', sentence),
    });
    this.#sticky = this.#watchSticky(parts.config);
  }

  /** Reads the kernel, puts the first routes in place, then watches and checks. @throws {Error} without `ip` or rights */
  async start(): Promise<void> {
    await this.#begin().catch(async (error: unknown) => {
      await this.#endSources(); // nothing may keep the process alive
      this.#connections.close();
      this.#backend.close();
      throw error;
    });
  }

  async #begin(): Promise<void> {
    const { stored, version, record, journal } = this.#parts;
    const config = await this.#fit(this.#parts.config);
    const { reconciler, links: watcher } = this.#backend;
    const [own, links] = [await reconciler.read(), await watcher.read(discoveryDevices(config))];
    const memory = recoverMemory(config, own, links, stored.memory);
    this.#state = initial(config, now(), memory);
    if (record !== undefined) {
      const beginning = { at: this.#state.at, version, config, memory };
      this.#recorder = createRecorder(record, beginning, {
        warn: (sentence) => journal.say('warning', sentence),
      });
    }
    this.tell(lifecycleDecision(now(), `failover ${version} started`, this.#parts.configFile));
    this.#sticky.read();
    await this.#devices.apply(config, links);
    this.#take({ type: 'links', at: now(), links });
    await reconciler.apply(desired(this.#state) ?? own);
    this.#routed = true;
    this.#checks.plan(this.#state, 'all');
    watcher.watch();
    this.#timers.push(setInterval(() => this.#tick(), tickMs));
  }

  /** Takes over another configuration; windows and the current choice survive. Resolves when the kernel has it. */
  async reload(wished: Config): Promise<void> {
    const config = keepMarks(this.#state.config, await this.#fit(wished));
    const before = this.#state.config;
    this.#take({ type: 'config', at: now(), config });
    if (this.#state.links !== undefined) await this.#devices.apply(this.#state.config, this.#state.links);
    if (before.stickyProviderFilename !== config.stickyProviderFilename) {
      await this.#sticky.close();
      this.#sticky = this.#watchSticky(config);
    }
    this.#sticky.read({ again: true }); // an id may be known now that was not before
    const wish = desired(this.#state);
    if (wish !== undefined) await this.#backend.reconciler.apply(wish);
  }

  #fit(config: Config): Promise<Config> {
    return withSupportedFeatures(config, (reason) => this.tell(unmarkedDecision(now(), reason)));
  }

  /** Resolves when the present state is on the disk, or could not be put there. */
  remember(): Promise<void> {
    this.#keeper.save();
    return this.#keeper.flush();
  }

  /** The configuration in force, as it was written: without the devices that its patterns match now. */
  get config(): Config {
    return this.#state.configured;
  }

  /** Ends the sources, keeps or removes the routes as `onStop` says, and writes what the next run starts from. */
  async stop(reason: string): Promise<void> {
    await this.#endSources();
    const { onStop } = this.#state.config;
    const left = onStop === 'remove' ? await this.#removeAll() : undefined;
    this.tell(stopDecision(now(), reason, { onStop, left }));
    this.#keeper.save();
    this.#connections.close();
    this.#backend.close();
    await Promise.all([this.#keeper.flush(), this.#recorder?.close()]);
  }

  async #removeAll(): Promise<string | undefined> {
    const left = await joinLeftovers([this.#connections.remove(), this.#backend.removeAll()]);
    this.#devices.restore();
    return left;
  }

  async #endSources(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#routes.close();
    this.#checks.close();
    this.#backend.links.close();
    await this.#sticky.close();
  }

  /** The whole state, for whoever asks. */
  snapshot(): Snapshot {
    return daemonSnapshot(this.#state, { ...this.#parts, echo: this.#echo, decisions: this.#telling.list() });
  }

  /** The same, with what has to be counted first. */
  async snapshotWithConnections(): Promise<Snapshot> {
    const counts = await this.#connections.count();
    return withConnections(this.snapshot(), counts);
  }

  /** The newest decisions, oldest first. */
  decisions(): readonly Decision[] {
    return this.#telling.list();
  }

  #take(event: Event): void {
    if (this.#closed) return;
    this.#recorder?.event(event);
    const { decisions, effects } = step(this.#state, event);
    for (const decision of decisions) this.#recorder?.decision(decision);
    if (this.#state.config !== this.#configured) this.#configure(event);
    this.#routes.update(this.#state, effects);
    if (event.type === 'links') void this.#devices.apply(this.#state.config, event.links);
    for (const decision of decisions) this.#telling.decision(decision); // last: a pipe may be slow
    if (this.#routed) this.#checks.plan(this.#state, effects.checks);
    if (event.type === 'check') this.#telling.check(event);
  }

  /** Other providers than before: the configuration is another, or devices that match its patterns came or went. */
  #configure(event: Event): void {
    const { config } = this.#state;
    this.#configured = config;
    this.#checks.configure(config);
    this.#backend.links.watchNeighbours(discoveryDevices(config));
    if (event.type === 'links') queueMicrotask(() => this.#sticky.read({ again: true })); // an id may be known now
  }

  /** Adds a decision of the daemon's own to the history and the journal. */
  tell(decision: UnnumberedDecision): void {
    this.#telling.own(decision);
  }

  #tick(): void {
    this.#take({ type: 'tick', at: now() });
    this.#routes.applyIfDue(now());
    this.#keeper.saveIfDue(now());
  }

  #watchSticky(config: Config): StickyWatcher {
    return new StickyWatcher(config.stickyProviderFilename, {
      sticky: (sticky) => this.#take({ type: 'sticky', at: now(), sticky: onOurClock(sticky) }),
      problem: (problem) => this.#take({ type: 'sticky', at: now(), problem }),
    });
  }
}
