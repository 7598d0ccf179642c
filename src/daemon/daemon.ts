/** Builds sources, backend and sinks, and runs the loop: event in, state advanced, effects applied. */
import type { Config } from '../../models/config.ts';
import type { Decision, UnnumberedDecision } from '../../models/decision.ts';
import type { Event, LeaseEvent } from '../../models/event.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import { areEqualConfigs } from '../config/packed-config.ts';
import { unmarkedDecision } from '../core/connections/connection-decisions.ts';
import { keepMarks } from '../core/connections/keep-marks.ts';
import { lifecycleDecision, stopDecision } from '../core/report/decisions.ts';
import { desired } from '../core/routes/desired.ts';
import { recoverMemory } from '../core/start.ts';
import { discoveryDevices } from '../core/state/gateway-search.ts';
import { memoryOf } from '../core/state/memory-of.ts';
import { initial, type State } from '../core/state/state.ts';
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
import { surroundings, withFreeNumbers } from './free-numbers.ts';
import { Metrics } from './metrics.ts';
import { RouteSync } from './route-sync.ts';
import type { Store } from './store.ts';
import { StoreSchedule } from './store-schedule.ts';
import type { Stored } from './stored.ts';

/** What the daemon is built from. */
export interface DaemonParts {
  readonly config: Config;
  readonly configFile: string;
  readonly version: string;
  readonly journal: Journal;
  readonly store: Store;
  readonly stored: Stored; // from an earlier run
  readonly record: string | undefined; // file to record events to
  readonly reports: readonly LeaseEvent[]; // made while no daemon ran
}

const tickMs = 1000;

export class Daemon {
  readonly #parts: DaemonParts;
  readonly #echo = chooseEcho();
  readonly #backend: Backend;
  readonly #connections: Connections;
  readonly #checks: Checks;
  readonly #routes: RouteSync;
  readonly #decisionLog: DecisionLog;
  readonly #devices: DeviceSettings;
  readonly #storeSchedule: StoreSchedule;
  readonly #timers: NodeJS.Timeout[] = [];
  #sticky: StickyWatcher;
  #state: State;
  #recorder: Recorder | undefined;
  readonly metrics = new Metrics((sentence) => this.#parts.journal.say('warning', sentence));
  #routed = false; // our tables are in place: earlier checks would leave by the wrong line
  #closed = false;
  #configured: Config | undefined; // the configuration that checks use

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.#state = initial(parts.config, now());
    this.#devices = new DeviceSettings({
      earlier: parts.stored.sysctls,
      remember: () => this.remember(),
      trouble: (message) => parts.journal.say('warning', message),
    });
    this.#decisionLog = new DecisionLog(parts.journal, parts.stored.history, () =>
      this.#storeSchedule.saveSoon(),
    );
    this.#storeSchedule = new StoreSchedule(parts.store, () => ({
      savedAt: now(),
      memory: memoryOf(this.#state),
      history: this.#decisionLog.latest(),
      sysctls: this.#devices.earlier,
    }));
    this.#backend = openBackend(
      (note) => this.#handle({ type: 'kernel', at: now(), note }),
      {
        links: (links) => this.#handle({ type: 'links', at: now(), links }),
        modems: (modems) => this.#handle({ type: 'modems', at: now(), modems }),
        trouble: (message) => parts.journal.say('warning', message),
      },
      () => this.#state.config,
    );
    this.#connections = new Connections({
      report: (decision) => this.report(decision),
      note: (note) => this.#handle({ type: 'kernel', at: now(), note }),
    });
    this.#routes = new RouteSync({ reconciler: this.#backend.reconciler, connections: this.#connections });
    this.#checks = new Checks({
      config: parts.config,
      echo: this.#echo,
      emit: (event) => this.#handle(event),
      complain: (sentence) => parts.journal.say('err', sentence),
    });
    this.#sticky = this.#watchSticky(parts.config);
  }

  /**
   * Reads the kernel, applies the first routes, then checks. @throws {Error} without `ip` or rights;
   * {NumbersInUse}
   */
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
    const possible = await this.#withSupportedFeatures(this.#parts.config);
    const { reconciler, links: watcher } = this.#backend;
    const [own, links] = [await reconciler.read(), await watcher.read(discoveryDevices(possible))];
    const config = withFreeNumbers(possible, { links, own, earlier: stored.memory?.claims });
    const memory = recoverMemory(config, own, links, stored.memory);
    this.#state = initial(config, now(), memory);
    if (record !== undefined) {
      const beginning = { at: this.#state.at, version, config, memory };
      this.#recorder = createRecorder(record, beginning, {
        warn: (sentence) => journal.say('warning', sentence),
      });
    }
    this.report(lifecycleDecision(now(), `failover ${version} started`, this.#parts.configFile));
    this.#sticky.read();
    for (const report of this.#parts.reports) this.#handle(report);
    await this.#devices.apply(config, links);
    this.#handle({ type: 'links', at: now(), links });
    await reconciler.apply(desired(this.#state) ?? own);
    this.#routed = true;
    this.#checks.plan(this.#state, 'all');
    this.#backend.watch(links);
    this.#timers.push(setInterval(() => this.#tick(), tickMs));
  }

  /**
   * Applies another configuration, or the same, keeping windows and choice. Resolves when the kernel has it. @throws
   * {NumbersInUse}
   */
  async reload(next: Config): Promise<void> {
    const possible = await this.#withSupportedFeatures(next);
    const config = keepMarks(this.#state.config, withFreeNumbers(possible, surroundings(this.#state)));
    const before = this.#state.config;
    if (areEqualConfigs(config, this.#state.configured))
      this.#parts.journal.say('info', 'configuration reloaded: nothing has changed');
    else this.#handle({ type: 'config', at: now(), config });
    if (this.#state.links !== undefined) await this.#devices.apply(this.#state.config, this.#state.links);
    if (before.stickyProviderFilename !== config.stickyProviderFilename) {
      await this.#sticky.close();
      this.#sticky = this.#watchSticky(config);
    }
    this.#sticky.read({ again: true }); // an id may be known now that was not before
    const routes = desired(this.#state);
    if (routes !== undefined) await this.#backend.reconciler.apply(routes);
  }

  #withSupportedFeatures(config: Config): Promise<Config> {
    return withSupportedFeatures(config, (reason) => this.report(unmarkedDecision(now(), reason)));
  }

  /** Resolves when the current state has been written to disk, or could not be. */
  remember(): Promise<void> {
    this.#storeSchedule.save();
    return this.#storeSchedule.flush();
  }

  /** The configuration in force as it was written, without the devices that its patterns match now. */
  get config(): Config {
    return this.#state.configured;
  }

  /** Ends the sources, keeps or removes the routes as `onStop` says, and stores the state. */
  async stop(reason: string): Promise<void> {
    await this.#endSources();
    const { onStop } = this.#state.config;
    const left = onStop === 'remove' ? await this.#removeAll() : undefined;
    this.report(stopDecision(now(), reason, { onStop, left }));
    this.#storeSchedule.save();
    this.#connections.close();
    this.#backend.close();
    await Promise.all([this.#storeSchedule.flush(), this.#recorder?.close(), this.metrics.close()]);
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

  /** The whole state as users and programs see it. */
  snapshot(): Snapshot {
    return daemonSnapshot(this.#state, { ...this.#parts, echo: this.#echo, decisions: this.decisions() });
  }

  /** The same, with the connections of each path, which take time to count. */
  async snapshotWithConnections(): Promise<Snapshot> {
    const counts = await this.#connections.count();
    return withConnections(this.snapshot(), counts);
  }

  /** The newest decisions, oldest first. */
  decisions(): readonly Decision[] {
    return this.#decisionLog.list();
  }

  #handle(event: Event): void {
    if (this.#closed) return;
    this.#recorder?.event(event);
    const { decisions, effects } = step(this.#state, event);
    this.metrics.note(event, this.#state, decisions);
    for (const decision of decisions) this.#recorder?.decision(decision);
    if (this.#state.config !== this.#configured) this.#configure(event);
    this.#routes.update(this.#state, effects);
    if (event.type === 'links') void this.#devices.apply(this.#state.config, event.links);
    for (const decision of decisions) this.#decisionLog.record(decision); // last: a pipe may be slow
    if (this.#routed) this.#checks.plan(this.#state, effects.checks);
    this.#decisionLog.recordEvent(event);
  }

  /** The providers changed: by another configuration, or by devices that its patterns match. */
  #configure(event: Event): void {
    const { config } = this.#state;
    this.#configured = config;
    this.#checks.configure(config);
    this.#backend.links.watchNeighbours(discoveryDevices(config));
    if (event.type === 'links') queueMicrotask(() => this.#sticky.read({ again: true })); // for new ids
  }

  /** Takes what others know about a device. Returns the ids of the providers on it. */
  takeLease(event: LeaseEvent): readonly string[] {
    this.#handle(event);
    const { providers } = this.#state.config;
    return providers.filter(({ interfaceName }) => interfaceName === event.device).map(({ id }) => id);
  }

  /** Adds one of the daemon's own decisions to the history and the journal. */
  report(decision: UnnumberedDecision): void {
    this.#decisionLog.recordOwn(decision);
  }

  #tick(): void {
    this.#handle({ type: 'tick', at: now() });
    this.#checks.watchTraffic(this.#state);
    this.#routes.applyIfDue(now());
    this.#storeSchedule.saveIfDue(now());
  }

  #watchSticky(config: Config): StickyWatcher {
    return new StickyWatcher(config.stickyProviderFilename, {
      sticky: (sticky) => this.#handle({ type: 'sticky', at: now(), sticky: onOurClock(sticky) }),
      problem: (problem) => this.#handle({ type: 'sticky', at: now(), problem }),
    });
  }
}
