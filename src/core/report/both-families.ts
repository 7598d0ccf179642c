/** IPv4 and IPv6 mostly do the same within the same second: then one sentence is enough for people. */
import type { Decision } from '../../../models/decision.ts';
import { familyName } from '../format.ts';

const togetherMs = 5000;

/** What makes two reasons differ though they say the same: addresses, figures, names of protocols. */
const particular =
  /\b(?:[0-9a-f]{0,4}:){2,}[0-9a-f:.]*(?:\/\d+)?|\d[\d.]*(?:\/\d+)?(?: (?:ms|s|min|h|d|B|kB|MB|GB)\b)?|\bARP\b|\bneighbour discovery\b/gi;

/** Whether two sentences differ in nothing but addresses and figures. */
export function areAlike(a: string, b: string): boolean {
  return a.replaceAll(particular, '#') === b.replaceAll(particular, '#');
}

/** Whether two decisions are one and the same to people: IPv4 and IPv6 did it together. */
export function areTwins(a: Decision, b: Decision): boolean {
  return (
    a.kind === b.kind &&
    a.family !== undefined &&
    b.family !== undefined &&
    a.family !== b.family &&
    a.provider === b.provider &&
    a.from === b.from &&
    a.to === b.to &&
    Math.abs(a.at - b.at) < togetherMs &&
    areAlike(a.sentence, b.sentence) &&
    areAlike(a.reason, b.reason)
  );
}

/** A list of decisions, oldest first, in which those of IPv4 and IPv6 that are the same to people are one. */
export function joinTwins(decisions: readonly Decision[]): readonly Decision[] {
  const joined: Decision[] = [];
  for (const decision of decisions) {
    const i = joined.findLastIndex((earlier) => areTwins(earlier, decision));
    const twin = joined[i];
    if (twin === undefined) joined.push(decision);
    else joined[i] = { ...twin, family: undefined, sentence: aboutBoth(twin) };
  }
  return joined;
}

/** The sentence of a decision about one family as that about both: our own sentences, whose verbs are few. */
export function aboutBoth({ sentence, family }: Decision): string {
  if (family === undefined) return sentence;
  const name = familyName(family);
  if (!sentence.startsWith(`${name} `)) return sentence.replace(name, 'IPv4 and IPv6');
  return sentence
    .replace(name, 'IPv4 and IPv6')
    .replace(
      /^(IPv4 and IPv6) (goes|moves|no longer has)\b/,
      (_, who: string, verb: string) => `${who} ${plural[verb]}`,
    );
}

const plural: Readonly<Record<string, string>> = {
  goes: 'go',
  moves: 'move',
  'no longer has': 'no longer have',
};
