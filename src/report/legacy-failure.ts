/**
 * The one place that derives a failure's code from its sentence, for recordings made before failures had
 * codes. Only their reader calls it.
 */
import type { FailureDetail } from '../../models/test-result.ts';

/** The sentences of that time, the most specific first. Any other means an unexpected answer. */
const sentences: readonly (readonly [RegExp, (found: RegExpExecArray) => FailureDetail])[] = [
  [/ does not exist, says /, () => ({ code: 'dns', answered: true })],
  [
    / cannot be resolved: (.*)$/,
    ([, why = '']) => ({ code: 'dns', answered: legacyDetail(why, false).code === 'wrong-answer' }),
  ],
  [
    / to (\S+?)(?:[?#]\S*)?: captive portal$/,
    ([, location]) => (location === undefined ? { code: 'portal' } : { code: 'portal', location }),
  ],
  [/: captive portal$/, () => ({ code: 'portal' })],
  [/^no answer (?:from .* )?within (\d+) ms$/, ([, ms]) => ({ code: 'no-answer', afterMs: Number(ms) })],
  [
    /^timed out after \d+ ms while (?:connecting to|waiting for \S+ to answer for)/,
    () => ({ code: 'no-answer' }),
  ],
  [/^timed out after \d+ ms/, () => ({ code: 'timeout' })],
  [/ (?:did|does) not answer/, () => ({ code: 'no-answer' })],
  [/no route |host unreachable| prohibits /, () => ({ code: 'unreachable' })],
  [/^a packet of |^the packet is too large/, () => ({ code: 'too-large' })],
  [
    / refused the (?:connection|question)| reset the connection| closed the connection/,
    () => ({ code: 'refused' }),
  ],
  [/^the certificate of | did not agree on TLS: /, () => ({ code: 'tls' })],
  [/^killed after \d+ ms/, () => ({ code: 'unfinished' })],
];

/** The detail of a recorded failure that has no code. */
export function legacyDetail(reason: string, notRun: boolean): FailureDetail {
  if (notRun) return { code: reason.startsWith('this process stood still') ? 'stalled' : 'not-run' };
  for (const [words, detail] of sentences) {
    const found = words.exec(reason);
    if (found !== null) return detail(found);
  }
  return { code: 'wrong-answer' };
}
