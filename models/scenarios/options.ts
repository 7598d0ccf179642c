/** What every scenario but `ping` takes. */
export interface ScenarioOptions {
  /** How long a run may take: seconds as a number, or `'250ms'`, `'5s'`. Unset, it adapts between half of `checkTimeout` and all of it. */
  readonly timeout?: number | string;
}

/** A `timeout` in ms. The configuration has turned text into seconds by the time that anything runs. */
export function timeoutMsOf({ timeout }: ScenarioOptions): number | undefined {
  return typeof timeout === 'number' ? timeout * 1000 : undefined;
}

/** A text or pattern as reasons name it. */
export function spellPattern(pattern: string | RegExp): string {
  return typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
}

/** Whether a text contains another, or matches a pattern. */
export function contains(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) !== -1;
}
