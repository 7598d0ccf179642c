/** How long something that did harm is set aside: a minute at first, twice as long each time it does so again. */
export class SetAside {
  readonly #known = new Map<
    string,
    { readonly untilMs: number; readonly forMs: number; readonly why: string }
  >();

  /** Sets something aside from now on. Returns for how long, in ms. */
  add(key: string, why: string, nowMs: number): number {
    const before = this.#known.get(key);
    // It counts as the same trouble until all has gone well for as long as it was set aside.
    const isAgain = before !== undefined && nowMs < before.untilMs + before.forMs;
    const forMs = isAgain ? Math.min(2 * before.forMs, longestMs) : shortestMs;
    this.#known.set(key, { untilMs: nowMs + forMs, forMs, why });
    return forMs;
  }

  /** Why it is set aside now; `undefined` when it is not. */
  why(key: string, nowMs: number): string | undefined {
    const found = this.#known.get(key);
    return found !== undefined && nowMs < found.untilMs ? found.why : undefined;
  }
}

const shortestMs = 60_000;
const longestMs = 3_600_000;
