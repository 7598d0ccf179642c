/** What is wrong, or odd: the reason for each provider that is not well, and everything worth a `!`. */
import type { PathSnapshot, Snapshot } from '../../models/snapshot.ts';
import { duration, familyName } from '../core/format.ts';
import { areAlike } from '../core/report/both-families.ts';
import { waitWords } from './provider-lines.ts';
import { isUsable, troubleOf } from './summary.ts';
import { clip, paint, type TerminalStyle, wrap } from './terminal.ts';

const mostReasons = 5;
const mostLines = 3; // of one reason: three providers that are down fit a screen; `failover why ID` shows all

/** A sentence about one family of a provider, or about both, which then say the same. */
interface About {
  readonly provider: string;
  readonly families: readonly PathSnapshot['family'][];
  readonly isWhole: boolean; // all families that the provider has
  readonly head: string;
  readonly text: string;
}

/** Why a provider is not well, and when it gets its traffic back. */
export function reasonLines(snapshot: Snapshot, look: TerminalStyle): string[] {
  const usable = snapshot.paths.filter(isUsable);
  const found = usable.flatMap((path): About[] => {
    const text = reasonOf(path, snapshot.at);
    return text === undefined ? [] : [about(path, usable, text)];
  });
  const merged = merge(found);
  const lines = merged.slice(0, mostReasons).flatMap((each) => {
    const [first = '', ...rest] = wrap(`${title(each)}${each.head}: ${each.text}`, '  ', look);
    return clip([first.slice(2), ...rest], mostLines, look);
  });
  const hidden = merged.length - mostReasons;
  return hidden > 0 ? [...lines, `and ${hidden} more: failover status --all`] : lines;
}

/** Everything that should be looked at, each with a `!`. `withPaths`: also what is odd about single providers. */
export function remarkLines(snapshot: Snapshot, look: TerminalStyle, withPaths: boolean): string[] {
  const usable = snapshot.paths.filter(isUsable);
  const own = usable.flatMap((path) =>
    path.remarks.map((remark) => about(path, usable, { head: '', text: remark })),
  );
  const ofPaths = withPaths ? merge(own).map((each) => `${title(each)}: ${each.text}`) : [];
  return [
    ...snapshot.remarks,
    ...snapshot.drift,
    ...deadTargets(snapshot),
    ...echoes(snapshot),
    ...ofPaths,
  ].flatMap((sentence) => {
    const [first = '', ...rest] = wrap(sentence, '  ', look);
    return [`!${first.slice(1)}`, ...rest].map((line) => paint('warn', line, look));
  });
}

function reasonOf(path: PathSnapshot, at: number): Pick<About, 'head' | 'text'> | undefined {
  const { since, why, layer, failback } = path;
  const trouble = troubleOf(path);
  const waits = failback === undefined ? undefined : waitWords(failback, at);
  if (trouble === undefined) return waits === undefined ? undefined : { head: '', text: waits };
  const time =
    since === undefined || trouble === 'in doubt' ? '' : ` for ${duration(Math.max(0, at - since))}`;
  const where = layer === undefined ? '' : ` (${layer})`;
  const isWaiting = waits !== undefined && failback?.dueAt !== undefined;
  return { head: `, ${trouble}${time}${where}`, text: isWaiting ? `${why}; ${waits}` : why };
}

function about(
  path: PathSnapshot,
  usable: readonly PathSnapshot[],
  words: Pick<About, 'head' | 'text'>,
): About {
  const { provider, family } = path;
  const isWhole = usable.filter((other) => other.provider === provider).length === 1;
  return { provider, families: [family], isWhole, ...words };
}

/** IPv6 joins what was said of IPv4, if it is the same but for addresses and figures. */
function merge(all: readonly About[]): About[] {
  const merged: About[] = [];
  for (const each of all) {
    const i = merged.findIndex(
      (earlier) =>
        earlier.provider === each.provider &&
        !earlier.families.some((family) => each.families.includes(family)) &&
        areAlike(earlier.head, each.head) &&
        areAlike(earlier.text, each.text),
    );
    const twin = merged[i];
    if (twin === undefined) merged.push(each);
    else merged[i] = { ...twin, families: [...twin.families, ...each.families], isWhole: true };
  }
  return merged;
}

function title({ provider, families, isWhole }: About): string {
  return isWhole ? provider : `${provider} (${families.map((family) => familyName(family)).join(' and ')})`;
}

function deadTargets({ at, deadTargets }: Snapshot): string[] {
  return deadTargets.map(({ family, target, since, relapses = 0 }) => {
    const name = `Target "${target}" (${familyName(family)})`;
    const time = duration(at - since);
    return relapses === 0
      ? `${name} has been dead for ${time} and set aside: it fails through every provider.`
      : `${name} answers only now and then, and has been set aside for ${time}.`;
  });
}

function echoes({ probing }: Snapshot): string[] {
  if (probing.means !== 'ping program') return [];
  return [`Echoes are sent by the ping program: ${probing.reason ?? 'no reason is known'}.`];
}
