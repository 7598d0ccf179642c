import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait, how often to poll, and what to call it when it does not come. */
export interface Waiting {
  readonly timeoutMs?: number; // @default 10000
  readonly everyMs?: number; // @default 20
  readonly what?: string | (() => string); // "… did not come within …"
}

/**
 * Polls until the result is neither undefined nor false, and returns it. A poll that throws is repeated.
 * @throws {Error} on timeout, with the last error as its cause
 */
export async function waitFor<T>(
  question: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 10_000, everyMs = 20, what = 'What was waited for' }: Waiting = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const answer = await question();
      if (answer !== undefined && answer !== false) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs);
  } while (performance.now() < deadline);
  const name = typeof what === 'string' ? what : what();
  throw new Error(`${name} did not come within ${timeoutMs} ms`, { cause });
}
