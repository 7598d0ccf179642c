import type { PacketOutcome } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import { hasAnswered, type TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';

/**
 * What became of the single packets of one path's rounds, until it is reported: those that each round sends before it
 * knows anything, so that a line in trouble, which is asked more often, is not judged by more packets.
 */
export class SampledPackets {
  #settled: Required<PacketOutcome>[] = [];

  /** Whether a scenario's result is the fate of one packet through the whole line. */
  static countsFor(scenario: TestScenario, all: readonly TestScenario[]): boolean {
    if (!scenario.isOneRoundTrip) return false;
    return (
      scenario.asksBeyondGateway || !all.some((other) => other.isOneRoundTrip && other.asksBeyondGateway)
    );
  }

  /** Records a result of the round that began then. One that does not say what became of a packet is left out. */
  settle(startedAt: Instant, target: string, result: TestResult): void {
    const answered = isAnswered(result);
    if (answered !== undefined) this.#settled.push({ target, answered, startedAt });
  }

  /** Records an answer that came too late. False if its packet has been reported, or is none of these. */
  answer(startedAt: Instant, target: string): boolean {
    const index = this.#settled.findIndex((one) => one.startedAt === startedAt && one.target === target);
    if (index === -1) return false;
    this.#settled[index] = { target, answered: true, startedAt };
    return true;
  }

  /** Those not yet reported, for the event of the round that began then. */
  take(startedAt: Instant): readonly PacketOutcome[] {
    const settled = this.#settled;
    this.#settled = [];
    return settled.map((one) =>
      one.startedAt === startedAt ? { target: one.target, answered: one.answered } : one,
    );
  }
}

/** `undefined`: nothing was sent, or whether it was answered cannot be known. */
function isAnswered(result: TestResult): boolean | undefined {
  if (result.ok) return true;
  const { code } = result;
  return code === 'not-run' || code === 'stalled' || code === 'unfinished' ? undefined : hasAnswered(result);
}
