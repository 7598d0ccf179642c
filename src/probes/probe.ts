import { isIP } from 'node:net';
import type { Binding, Family } from '../../models/path.ts';
import type { TestResult } from '../../models/test-result.ts';
import type { EchoOptions, Probe } from '../../models/test-scenario.ts';
import { type BoundEcho, defaultEchoSize } from './echo.ts';
import { notRun } from './failure.ts';

/** What a run of a scenario needs from its surroundings. */
export interface ProbeParts {
  readonly family: Family;
  readonly binding: Binding;
  readonly bound: BoundEcho;
  readonly timeoutMs: number;
  remainingMs(): number; // until the deadline
  signal(): AbortSignal;
  onLate(rttMs: number): void;
}

/** The primitives of one run of one scenario, bound to its path and to its deadline. */
export class BoundProbe implements Probe {
  readonly family: Family;
  readonly binding: Binding;
  readonly timeoutMs: number;
  readonly #parts: ProbeParts;

  constructor(parts: ProbeParts) {
    this.family = parts.family;
    this.binding = parts.binding;
    this.timeoutMs = parts.timeoutMs;
    this.#parts = parts;
  }

  /** Made on first use: few scenarios need it, and it costs more than an echo. */
  get signal(): AbortSignal {
    return this.#parts.signal();
  }

  echo(target: string, options: EchoOptions = {}): Promise<TestResult> {
    const { bound, onLate, remainingMs } = this.#parts;
    const size = options.size ?? defaultEchoSize;
    const address = target === 'gateway' ? this.binding.gateway : target;
    if (address === undefined)
      return Promise.resolve(notRun(`${this.binding.interfaceName} has no IPv${this.family} gateway to ask`));
    if (isIP(address) !== this.family)
      return Promise.resolve(notRun(`"${address}" is not an IPv${this.family} address`));
    return bound.echo(address, { size, timeoutMs: Math.max(1, remainingMs()), onLate });
  }
}
