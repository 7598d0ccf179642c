/** What of the packets lost through a path was lost by the line, and what by a target. */

/** How many packets were lost of those sent. */
export interface PacketLoss {
  readonly asked: number;
  readonly lost: number;
}

/** One packet. `target`: its index in the counts. */
export interface SentPacket {
  readonly target: number;
  readonly isLost: boolean;
}

/** So many packets to a target in a row that nothing answered, while other targets answered, show that it is dead. */
const silentAfter = 3;

/** What the line lost, from the counts of each target. */
export function lossOfLine(counts: readonly PacketLoss[], newestFirst: Iterable<SentPacket>): PacketLoss {
  const silent = silences(newestFirst, counts.length);
  const sounding = counts.map(({ asked, lost }, index) => {
    const own = silent.get(index) ?? 0;
    return { asked: asked - own, lost: lost - own };
  });
  return withoutWorst(sounding.filter(({ asked }) => asked > 0));
}

/** The newest packets to one target, none of which was answered, and what became of others in that time. */
interface Silence {
  readonly packets: number;
  readonly answeredElsewhere: number;
  readonly lostElsewhere: number;
}

/** How many packets to each target are of a silence while most of those to others were answered. By index. */
function silences(newestFirst: Iterable<SentPacket>, targets: number): ReadonlyMap<number, number> {
  const found = [...silencesSoFar(newestFirst, targets)].filter(([, each]) => isOfTarget(each));
  return new Map(found.map(([target, { packets }]) => [target, packets]));
}

function isOfTarget({ packets, answeredElsewhere, lostElsewhere }: Silence): boolean {
  return packets >= silentAfter && answeredElsewhere >= 4 * Math.max(1, lostElsewhere);
}

function silencesSoFar(newestFirst: Iterable<SentPacket>, targets: number): ReadonlyMap<number, Silence> {
  const answered = new Set<number>(); // targets that have answered since
  const silences = new Map<number, Silence>();
  let [answers, losses] = [0, 0];
  for (const { target, isLost } of newestFirst) {
    if (isLost) losses += 1;
    else answers += 1;
    if (!isLost) answered.add(target);
    if (answered.size === targets) break;
    if (answered.has(target)) continue;
    const packets = (silences.get(target)?.packets ?? 0) + 1;
    silences.set(target, { packets, answeredElsewhere: answers, lostElsewhere: losses - packets });
  }
  return silences;
}

/**
 * What all packets lost, without the targets that lose far more than the others through the same path: that is their
 * own trouble, as when a resolver answers only so many echoes a second. At most half of the targets are left out.
 */
function withoutWorst(targets: readonly PacketLoss[]): PacketLoss {
  const kept = [...targets].sort((a, b) => a.lost / a.asked - b.lost / b.asked);
  let line = sum(kept);
  while (2 * (kept.length - 1) >= targets.length) {
    const worst = kept.at(-1);
    const others = sum(kept.slice(0, -1));
    if (worst === undefined || !losesFarMore(worst, others)) break;
    kept.pop();
    line = others;
  }
  return line;
}

function sum(all: readonly PacketLoss[]): PacketLoss {
  const total = { asked: 0, lost: 0 };
  for (const { asked, lost } of all) {
    total.asked += asked;
    total.lost += lost;
  }
  return total;
}

/**
 * Whether the difference is more than 2.5 of its standard deviations (two-proportion z-test), of enough packets: less
 * would leave out a target by chance, more would take 5 lost of the first 20 packets, all to one target, for the line's.
 */
function losesFarMore(one: PacketLoss, others: PacketLoss): boolean {
  if (one.lost < 3 || others.asked === 0) return false;
  const [own, rest] = [one.lost / one.asked, others.lost / others.asked];
  const both = (one.lost + others.lost) / (one.asked + others.asked);
  const variance = both * (1 - both) * (1 / one.asked + 1 / others.asked);
  return own > rest && (own - rest) ** 2 > 2.5 ** 2 * variance;
}
