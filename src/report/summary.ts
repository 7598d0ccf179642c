/** Whether the internet works, by which lines and since when, and what is wrong with the others: one sentence. */
import { type Family, families } from '../../models/path.ts';
import type { Condition, PathSnapshot, Snapshot } from '../../models/snapshot.ts';
import { duration, familyName } from '../core/format.ts';
import { moment } from './terminal.ts';

/** What a person wants to know first. */
export interface Summary {
  readonly condition: Condition;
  readonly sentence: string;
}

type Trouble = 'down' | 'unreliable' | 'in doubt' | 'not yet known';

const mostNamed = 4;
const sameMomentMs = 60_000; // the families of one line rarely move in the same millisecond

/** Sums up a snapshot. */
export function summarise(snapshot: Snapshot): Summary {
  const used = families.filter((family) =>
    snapshot.paths.some((path) => path.family === family && isUsable(path)),
  );
  const states = used.map((family) => ({ family, state: stateOf(snapshot, family) }));
  const working = states.filter(({ state }) => state === 'works').map(({ family }) => family);
  if (used.length === 0) return { condition: 'down', sentence: 'No provider can be used.' };
  if (working.length === 0 && states.some(({ state }) => state === 'unknown'))
    return {
      condition: 'unknown',
      sentence: 'Not known yet whether the internet works: the first checks have not ended.',
    };
  if (working.length === 0) return { condition: 'down', sentence: nothingWorks(snapshot, used) };
  const isWell =
    working.length === used.length &&
    snapshot.drift.length === 0 &&
    snapshot.paths.every((path) => !isUsable(path) || path.health === 'reliable');
  const where = working.length === used.length ? '' : ` in ${namesOf(working)} only`;
  return {
    condition: isWell ? 'well' : 'degraded',
    sentence: `The internet works${where}${through(snapshot, used)}${others(snapshot, '; ')}.`,
  };
}

/** Whether a path could carry traffic if it worked. */
export function isUsable({ role }: PathSnapshot): boolean {
  return role === 'active' || role === 'standby';
}

/** What is wrong with a path, in a word or two; `undefined`: nothing. */
export function troubleOf({ liveness, health }: PathSnapshot): Trouble | undefined {
  if (liveness === 'down') return 'down';
  if (health === 'unreliable') return 'unreliable';
  if (liveness === 'doubt') return 'in doubt';
  return health === 'unknown' ? 'not yet known' : undefined;
}

function stateOf({ paths, active }: Snapshot, family: Family): 'works' | 'unknown' | 'down' {
  const all = paths.filter((path) => path.family === family && isUsable(path));
  const carrying = all.filter(({ provider }) => active[family].includes(provider));
  if (carrying.some(({ liveness }) => liveness === 'up' || liveness === 'doubt')) return 'works';
  const asked = carrying.length === 0 ? all : carrying;
  return asked.some(({ liveness }) => liveness === 'unknown') ? 'unknown' : 'down';
}

function nothingWorks(snapshot: Snapshot, used: readonly Family[]): string {
  const since = snapshot.paths.filter(isUsable).flatMap((path) => path.since ?? []);
  const when = since.length === 0 ? '' : `, ${sinceWhen(Math.max(...since), snapshot.at)}`;
  const kept = used.filter((family) => snapshot.active[family].length > 0);
  const [first] = kept;
  const stays =
    first === undefined || kept.some((family) => !areSame(snapshot, first, family))
      ? ''
      : `; ${namesOf(kept)} ${kept.length === 1 ? 'stays' : 'stay'} with ${list(snapshot.active[first])}`;
  return `Nothing gets through to the internet${when}${stays}.`;
}

/** `: IPv4 and IPv6 go through fibre since 12:00 (3 h)` */
function through(snapshot: Snapshot, used: readonly Family[]): string {
  const carried = used.filter((family) => snapshot.active[family].length > 0);
  const [first, second] = carried;
  if (first === undefined) return '';
  if (second === undefined) return `: ${familyName(first)} goes through ${carrier(snapshot, first)}`;
  if (!areSame(snapshot, first, second))
    return `: ${familyName(first)} goes through ${carrier(snapshot, first)}, ${familyName(second)} through ${carrier(snapshot, second)}`;
  const later = sinceOf(snapshot, first) > sinceOf(snapshot, second) ? first : second;
  return `: ${namesOf(carried)} go through ${carrier(snapshot, later)}`;
}

function areSame(snapshot: Snapshot, a: Family, b: Family): boolean {
  return snapshot.active[a].join() === snapshot.active[b].join();
}

function carrier(snapshot: Snapshot, family: Family): string {
  const at = snapshot.lastSwitch[family]?.at;
  const since = at === undefined ? '' : ` ${sinceWhen(at, snapshot.at)}`;
  return `${list(snapshot.active[family])}${since}`;
}

function sinceOf({ lastSwitch }: Snapshot, family: Family): number {
  return lastSwitch[family]?.at ?? 0;
}

/** `since 12:00 (3 h)`; with the date if that is not today. */
export function sinceWhen(then: number, at: number): string {
  const [day, time = ''] = moment(then).split(' ');
  const clock = at - then < sameMomentMs ? time : time.slice(0, 5);
  const isToday = day === moment(at).split(' ')[0];
  return `since ${isToday ? clock : `${day} ${clock}`} (${duration(Math.max(0, at - then))})`;
}

/** `cable is down, lte is unreliable in IPv6` */
function others({ paths }: Snapshot, before: string): string {
  const usable = paths.filter(isUsable);
  const wrong = [...new Set(usable.map(({ provider }) => provider))].flatMap((id) => {
    const own = usable.filter(({ provider }) => provider === id);
    const words = new Map<Trouble, Family[]>();
    for (const path of own) {
      const trouble = troubleOf(path);
      if (trouble !== undefined) words.set(trouble, [...(words.get(trouble) ?? []), path.family]);
    }
    const spelt = [...words].map(
      ([trouble, found]) => `${trouble}${found.length === own.length ? '' : ` in ${namesOf(found)}`}`,
    );
    return spelt.length === 0 ? [] : [`${id} is ${spelt.join(' and ')}`];
  });
  const more = wrong.length - mostNamed;
  const shown = more > 0 ? [...wrong.slice(0, mostNamed), `${more} more are not well`] : wrong;
  return shown.length === 0 ? '' : `${before}${shown.join(', ')}`;
}

function list(ids: readonly string[]): string {
  const more = ids.length - mostNamed;
  return more > 0 ? `${ids.slice(0, mostNamed).join(', ')} and ${more} more` : ids.join(' and ');
}

function namesOf(list: readonly Family[]): string {
  return list.map((family) => familyName(family)).join(' and ');
}
