import type { Scope } from '../scope.ts';

/**
 * Makes attempts one after another, each as soon as the previous one has failed, or has not succeeded within
 * `staggerMs`. Resolves with the first success; rejects with the errors of all attempts, in order.
 */
export function raceStaggered<T>(
  attempts: readonly (() => Promise<T>)[],
  staggerMs: number,
  scope: Scope,
): Promise<T> {
  const problems: unknown[] = [];
  let begun = 0;
  let ended = 0;
  let over = false;
  return new Promise((resolve, reject) => {
    const begin = (): void => {
      const number = begun;
      const attempt = attempts[number];
      if (over || attempt === undefined) return;
      begun += 1;
      attempt().then(
        (value) => {
          over = true;
          resolve(value);
        },
        (problem: unknown) => {
          problems[number] = problem;
          ended += 1;
          if (ended === attempts.length || (ended === begun && scope.remainingMs === 0)) reject(problems);
          else if (ended === begun) begin();
        },
      );
      if (begun < attempts.length)
        scope.pause(staggerMs).then(() => {
          if (begun === number + 1 && scope.remainingMs > 0) begin();
        });
    };
    begin();
  });
}
