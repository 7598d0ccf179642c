import type { Config } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import { messageOf } from '../../models/message-of.ts';
import { Accounting } from '../core/accounting/accounting.ts';
import {
  figuredPaths,
  type PathFigures,
  pathFigures,
  runFigures,
  sharedWeights,
} from '../core/report/figures.ts';
import type { State } from '../core/state/state.ts';
import { version } from '../process/version.ts';
import type { Text } from '../report/control.ts';
import { type Endpoint, openEndpoint } from '../report/metrics/endpoint.ts';
import { processFigures } from '../report/metrics/process-figures.ts';
import { replaceFile } from '../watch/replace-file.ts';
import { onWallClock } from './clock.ts';

const textfileMs = 15_000;

/** Counts what happens, and renders it for Prometheus wherever the configuration says. */
export class Metrics {
  readonly #accounting = new Accounting();
  readonly #warn: (sentence: string) => void;
  #state: State | undefined;
  #places: Config['metrics'];
  #endpoint: Endpoint | undefined;
  #timer: NodeJS.Timeout | undefined;
  #said = '';

  /** `warn`: for places where metrics cannot be read. */
  constructor(warn: (sentence: string) => void) {
    this.#warn = warn;
  }

  /** Counts an event by which `step` has advanced the state. */
  note(event: Event, state: State, decisions: readonly Decision[]): void {
    this.#state = state;
    this.#accounting.note(event, state, decisions);
    if (state.config.metrics !== this.#places) this.#follow(state.config.metrics);
  }

  /**
   * The metrics of this moment, in the format that `accept` prefers: OpenMetrics if it is named, else Prometheus
   * 0.0.4. The renderer is loaded with the first scrape: most daemons are never asked.
   */
  async render(accept?: string): Promise<Text> {
    const state = this.#state;
    if (state === undefined) throw new Error('nothing is known yet: the daemon has only just started');
    const { renderMetrics } = await import('../report/metrics/render.ts');
    const known = runFigures(state, this.#accounting);
    const run = { ...known, process: processFigures(), version, onWallClock };
    const format = accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'text';
    return renderMetrics({ run, paths: this.#paths(state) }, format);
  }

  /** Answers nobody any more. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#endpoint?.close();
  }

  #follow(places: Config['metrics']): void {
    const before = this.#places;
    this.#places = places;
    if (JSON.stringify(before) === JSON.stringify(places)) return; // the same, reloaded
    const closed = this.close();
    this.#endpoint = undefined;
    this.#said = '';
    const { listen, allow, textfile } = places ?? {};
    if (listen !== undefined) void closed.then(() => this.#open(listen, allow));
    if (textfile === undefined) return;
    this.#timer = setInterval(() => void this.#write(textfile), textfileMs).unref();
    void this.#write(textfile);
  }

  #open(listen: string, allow: readonly string[] | undefined): void {
    if (this.#places?.listen !== listen) return; // reloaded again meanwhile
    this.#endpoint = openEndpoint({
      listen,
      allow,
      render: (accept) => this.render(accept),
      trouble: this.#warn,
    });
  }

  async #write(file: string): Promise<void> {
    try {
      const { text } = await this.render();
      await replaceFile(file, text, undefined);
      this.#said = '';
    } catch (error) {
      const sentence = `metrics cannot be written to ${file}: ${messageOf(error)}`;
      if (sentence !== this.#said) this.#warn(sentence);
      this.#said = sentence;
    }
  }

  *#paths(state: State): Generator<PathFigures> {
    const weights = sharedWeights(state);
    for (const key of figuredPaths(state)) {
      const figures = pathFigures(state, key, { accounting: this.#accounting, weights });
      if (figures !== undefined) yield figures;
    }
  }
}
