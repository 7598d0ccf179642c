import { Worker } from 'node:worker_threads';
import type { OwnCode } from '../../../models/isolated-scenario.ts';
import { threadFile } from '../../process/program.ts';
import { noScenario, type Order, type OwnThreadData, type Report } from './own-messages.ts';

/** Receives a thread's reports until it is closed. */
export interface ThreadSinks {
  report(report: Report): void;
  /** It ended by itself. */
  ended(reason: string): void;
}

const limits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 4 }; // for the data of the operator's code

/** One thread, running one configuration's code. */
export class OwnThread {
  readonly #worker: Worker;
  readonly #running = new Int32Array(new SharedArrayBuffer(4)).fill(noScenario);
  readonly #sinks: ThreadSinks;
  #isClosed = false;
  #heard: (() => void) | undefined;

  constructor(code: OwnCode, sinks: ThreadSinks) {
    this.#sinks = sinks;
    const data: OwnThreadData = { code, running: this.#running };
    this.#worker = new Worker(threadFile('src/probes/own/own-worker.ts'), {
      workerData: data,
      resourceLimits: limits,
      name: 'own scenarios',
    });
    this.#worker.on('message', (report: Report) => this.#hear(report));
    this.#worker.on('error', (error) => this.#end(`ended its thread: ${error.message}`));
    this.#worker.on('exit', (status) => this.#end(`ended its thread, with status ${status}`));
  }

  /** The scenario whose code is running at this moment, or `undefined`. */
  get running(): number | undefined {
    const number = Atomics.load(this.#running, 0);
    return number === noScenario ? undefined : number;
  }

  send(order: Order): void {
    if (!this.#isClosed) this.#worker.postMessage(order);
  }

  /** Whether it gives a sign of life within this many ms. */
  isThere(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(this.#isClosed), withinMs);
      this.#heard = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.send({ type: 'still-there' });
    });
  }

  /** Ends the thread, whatever its code is doing. Reports nothing more. */
  close(): void {
    this.#isClosed = true;
    void this.#worker.terminate();
  }

  #hear(report: Report): void {
    if (this.#isClosed) return;
    if (report.type === 'there') this.#heard?.();
    else this.#sinks.report(report);
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sinks.ended(reason);
  }
}
