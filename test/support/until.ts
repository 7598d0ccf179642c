import { type Waiting, waitFor } from '../../src/lab/wait-for.ts';

/**
 * Polls until `condition` gives something other than undefined or false, and returns it; one that throws is tried
 * again. `what` names it in the error, as a function with what was last seen. Generous by default: on a busy machine
 * everything takes longer, and only a test that fails waits to the end.
 * @throws {Error} when it did not come within `withinMs` @default 15000
 */
export function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what: NonNullable<Waiting['what']>,
  withinMs = 15_000,
): Promise<T> {
  return waitFor(condition, { what, timeoutMs: withinMs, everyMs: 5 });
}
