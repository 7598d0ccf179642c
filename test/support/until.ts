import { type Waiting, waitFor } from '../../src/lab/wait-for.ts';

/**
 * Polls until `condition` returns something other than undefined or false, and returns that; one that throws
 * is retried. `what` names it in the error; as a function it may include what was last seen. The default is
 * generous: on a busy machine everything takes longer, and only a failing test waits that long.
 * @throws {Error} when that does not happen within `withinMs` @default 15000
 */
export function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what: NonNullable<Waiting['what']>,
  withinMs = 15_000,
): Promise<T> {
  return waitFor(condition, { what, timeoutMs: withinMs, everyMs: 5 });
}
