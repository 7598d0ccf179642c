import type { Instant } from '../../../models/instant.ts';
import { lossOfLine, type PacketLoss, type SentPacket } from './line-loss.ts';

/** No share of packets is a figure before there are this many: one lost of a few is no percentage. */
export const leastPackets = 20;

/** The packets to one target, by the starts of their rounds, as an earlier run kept them. */
export interface TargetPackets {
  readonly target: string;
  readonly answered: readonly Instant[];
  readonly lost: readonly Instant[];
}

const mostPackets = 100_000; // whatever the settings

const answered = 0;
const lost = 1;
const withdrawn = 2; // no longer counted: the target is dead, or the outage was judged

/**
 * Single packets of one path, each asked and answered or lost: a ring with running counts, in all and by target.
 * It grows as needed; the caller says how far back it reaches. Belongs to one state and changes in place.
 */
export class Packets {
  #startedAt = new Float64Array(64);
  #target = new Uint16Array(64); // index into `#counts`
  #fate = new Uint8Array(64);
  #oldest = 0;
  #size = 0;
  #unanswered = 0; // in a row, the newest
  readonly #counts: { target: string; asked: number; lost: number }[] = [];
  #asked = 0; // to whichever target
  #lost = 0;
  #loss: PacketLoss | undefined; // of the line; as long as it is up to date

  constructor(stored: readonly TargetPackets[] = []) {
    this.#restore(stored);
  }

  /** Adds one packet. `startedAt`: of its round. */
  push(startedAt: Instant, target: string, isAnswered: boolean): void {
    if (this.#size === mostPackets) this.#dropOldest();
    if (this.#size === this.#fate.length) this.#grow();
    const slot = (this.#oldest + this.#size) % this.#fate.length;
    const index = this.#indexOf(target);
    this.#size += 1;
    this.#startedAt[slot] = startedAt;
    this.#target[slot] = index;
    this.#fate[slot] = isAnswered ? answered : lost;
    this.#unanswered = isAnswered ? 0 : this.#unanswered + 1;
    this.#count(slot, 1);
  }

  /** Notes that something answered which is not in the ring: an echo to another target. */
  noteAnswer(): void {
    this.#unanswered = 0;
  }

  /** Turns a lost packet into an answered one: its answer came after all. */
  answer(startedAt: Instant, target: string): void {
    this.#unanswered = 0;
    for (let i = this.#size - 1; i >= 0; i -= 1) {
      const slot = (this.#oldest + i) % this.#fate.length;
      if (this.#startedAt[slot] !== startedAt || this.#fate[slot] !== lost) continue;
      if (this.#counts[this.#target[slot] ?? 0]?.target !== target) continue;
      this.#refate(slot, answered);
      return;
    }
  }

  /** Forgets the packets of rounds that began earlier. */
  dropBefore(startedAt: Instant): void {
    while (this.#size > 0 && (this.#startedAt[this.#oldest] ?? 0) < startedAt) this.#dropOldest();
  }

  /** No longer counts the packets of rounds that began at that time or later. */
  withdrawFrom(startedAt: Instant): void {
    this.#withdraw((slot) => (this.#startedAt[slot] ?? 0) >= startedAt);
  }

  /** No longer counts the newest packets if at least so many in a row were not answered. */
  withdrawUnanswered(least: number): void {
    if (this.#unanswered < least) return;
    for (let i = this.#size - 1; i >= Math.max(0, this.#size - this.#unanswered); i -= 1) {
      const slot = (this.#oldest + i) % this.#fate.length;
      if (this.#fate[slot] === lost) this.#refate(slot, withdrawn);
    }
    this.#unanswered = least; // those before the next one are withdrawn by now
  }

  /** No longer counts the packets to one target. */
  withdrawTarget(target: string): void {
    const index = this.#counts.findIndex((each) => each.target === target && each.asked > 0);
    if (index !== -1) this.#withdraw((slot) => this.#target[slot] === index);
  }

  /** Forgets those to targets that are no longer probed. */
  keepTargets(targets: ReadonlySet<string>): void {
    const kept = this.toStored().filter(({ target }) => targets.has(target));
    if (kept.length === this.#counts.filter(({ asked }) => asked > 0).length) return;
    this.#size = 0;
    this.#counts.length = 0;
    this.#asked = 0;
    this.#lost = 0;
    this.#loss = undefined;
    this.#restore(kept);
  }

  /** Whether none was sent lately, not even one that no longer counts. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** The packets that count for the line: those to targets that lose no more than the others do. */
  get loss(): PacketLoss {
    this.#loss ??=
      this.#lost === 0 ? { asked: this.#asked, lost: 0 } : lossOfLine(this.#counts, this.#newestFirst());
    return this.#loss;
  }

  /** The packets that count of rounds that began at that time or later, whatever their target. */
  since(from: Instant): PacketLoss {
    const found = { asked: 0, lost: 0 };
    for (let i = this.#size - 1; i >= 0; i -= 1) {
      const slot = (this.#oldest + i) % this.#fate.length;
      if ((this.#startedAt[slot] ?? 0) < from) break;
      if (this.#fate[slot] === withdrawn) continue;
      found.asked += 1;
      if (this.#fate[slot] === lost) found.lost += 1;
    }
    return found;
  }

  /** Whether `loss` may be over a limit. It never is more than the share of all packets that was lost: cheap. */
  mayExceed(limit: number): boolean {
    return this.#lost > limit * this.#asked;
  }

  /** The starts of the rounds in which a packet was lost. */
  lossyStarts(): ReadonlySet<Instant> {
    const starts = new Set<Instant>();
    this.#each((slot) => {
      if (this.#fate[slot] === lost) starts.add(this.#startedAt[slot] ?? 0);
    });
    return starts;
  }

  /** What the next run can start from. */
  toStored(): TargetPackets[] {
    const of = new Map<string, { target: string; answered: Instant[]; lost: Instant[] }>();
    this.#each((slot) => {
      const { target = '' } = this.#counts[this.#target[slot] ?? 0] ?? {};
      const one = of.get(target) ?? { target, answered: [], lost: [] };
      of.set(target, one);
      if (this.#fate[slot] === answered) one.answered.push(this.#startedAt[slot] ?? 0);
      if (this.#fate[slot] === lost) one.lost.push(this.#startedAt[slot] ?? 0);
    });
    return [...of.values()].filter((one) => one.answered.length + one.lost.length > 0);
  }

  #restore(stored: readonly TargetPackets[]): void {
    const all = stored.flatMap(({ target, answered, lost }) => [
      ...answered.map((startedAt) => ({ startedAt, target, isAnswered: true })),
      ...lost.map((startedAt) => ({ startedAt, target, isAnswered: false })),
    ]);
    all.sort((a, b) => a.startedAt - b.startedAt);
    for (const { startedAt, target, isAnswered } of all) this.push(startedAt, target, isAnswered);
  }

  /** Those that count, the newest first. */
  *#newestFirst(): Iterable<SentPacket> {
    for (let i = this.#size - 1; i >= 0; i -= 1) {
      const slot = (this.#oldest + i) % this.#fate.length;
      if (this.#fate[slot] !== withdrawn)
        yield { target: this.#target[slot] ?? 0, isLost: this.#fate[slot] === lost };
    }
  }

  #dropOldest(): void {
    this.#count(this.#oldest, -1);
    this.#oldest = (this.#oldest + 1) % this.#fate.length;
    this.#size -= 1;
  }

  #each(take: (slot: number) => void): void {
    for (let i = 0; i < this.#size; i += 1) take((this.#oldest + i) % this.#fate.length);
  }

  #withdraw(isMeant: (slot: number) => boolean): void {
    this.#each((slot) => {
      if (this.#fate[slot] !== withdrawn && isMeant(slot)) this.#refate(slot, withdrawn);
    });
  }

  #refate(slot: number, fate: number): void {
    this.#count(slot, -1);
    this.#fate[slot] = fate;
    this.#count(slot, 1);
  }

  #count(slot: number, by: 1 | -1): void {
    const of = this.#counts[this.#target[slot] ?? 0];
    const fate = this.#fate[slot];
    if (of === undefined || fate === withdrawn) return;
    of.asked += by;
    this.#asked += by;
    if (fate === lost) {
      of.lost += by;
      this.#lost += by;
    }
    this.#loss = undefined;
  }

  /** The target's place; it may take that of one to which no packet counts. */
  #indexOf(target: string): number {
    const counts = this.#counts;
    for (let i = 0; i < counts.length; i += 1) if (counts[i]?.target === target) return i;
    const free = counts.findIndex(({ asked }) => asked === 0);
    const fresh = { target, asked: 0, lost: 0 };
    if (free === -1) return counts.push(fresh) - 1;
    counts[free] = fresh;
    return free;
  }

  #grow(): void {
    const slots = Array.from({ length: this.#size }, (_, i) => (this.#oldest + i) % this.#fate.length);
    const size = 2 * this.#fate.length;
    const [startedAt, target, fate] = [this.#startedAt, this.#target, this.#fate];
    this.#startedAt = new Float64Array(size);
    this.#target = new Uint16Array(size);
    this.#fate = new Uint8Array(size);
    this.#oldest = 0;
    slots.forEach((slot, i) => {
      this.#startedAt[i] = startedAt[slot] ?? 0;
      this.#target[i] = target[slot] ?? 0;
      this.#fate[i] = fate[slot] ?? 0;
    });
  }
}
