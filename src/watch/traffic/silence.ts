/**
 * Notices, from the packet counters of one device, that packets are sent and nothing comes back where answers
 * are usual. It proves nothing: it is a reason to check the line at once.
 *
 * What is usual is learned from the seconds before: how many packets come and go, and how long the device has
 * received next to nothing while it sent. One-way traffic, an idle line and answers that take another line
 * are silence that is usual. Packets that come whatever happens to the line (broadcasts, ARP) do not break a
 * silence, as long as they are few compared with what came before.
 */
import type { Instant } from '../../../models/instant.ts';

/** Below this many packets a second each way there is nothing to learn from. */
const leastRate = 8;

const partialRatio = 0.8; // fewer packets than this share of the usual: they may have ceased within the sample
const telling = 5; // of fewer packets, chance decides how many come in one sample
const memoryMs = 2000; // the rates are means of about this time
const learningMs = 1000; // of frequent samples before the first alarm
const fewRatio = 0.25; // fewer packets than this share of what is usual are silence
const leastExpected = 3; // packets that would usually have come
const leastSent = 3;
const bareSilenceMs = 150; // a sender that waits for answers soon sends next to nothing
const bareExpected = 20;
const timesUsual = 2; // as long as the longest silence that was usual
const expiresMs = 5000; // by then a silence has become usual

const usualMs = 5000;

/** What changed with a sample. */
export type Finding = 'silent' | 'ended' | undefined;

/**
 * The silences of the last five to ten seconds. One that happened once is not usual: the line may have stalled.
 */
class UsualSilences {
  #since: Instant = 0;
  #latest: readonly number[] = [];
  #earlier: readonly number[] = [];

  note(at: Instant, ms: number): void {
    if (at - this.#since > usualMs) {
      this.#earlier = at - this.#since > 2 * usualMs ? [] : this.#latest;
      this.#latest = [];
      this.#since = at;
    }
    if (ms > 0) this.#latest = twoLongest([...this.#latest, ms]);
  }

  /** The second longest. */
  get longestMs(): number {
    return twoLongest([...this.#latest, ...this.#earlier])[1] ?? 0;
  }
}

function twoLongest(silences: readonly number[]): number[] {
  return [...silences].sort((a, b) => b - a).slice(0, 2);
}

/** Reads one device. Times are of one clock, in ms. */
export class SilenceDetector {
  #at: Instant | undefined; // of the latest sample
  #rx = 0;
  #tx = 0;
  #rxRate = 0; // packets a second
  #txRate = 0;
  #knownMs = 0; // that the rates are of
  #learnedMs = 0;
  #arrivedAt: Instant = 0; // the latest sample by which enough had come
  #quietFrom: Instant = 0; // the same, or earlier if fewer had come than ever
  #sent = 0; // packets since that sample
  #came = 0;
  #bare = { from: 0, sent: 0 }; // since when nothing at all came, and what was sent meanwhile
  readonly #usual = new UsualSilences();
  #leastShare = 0; // of the packets expected, that came in any sample of the last seconds
  #isPartial = false;
  #alarm: { readonly since: Instant; readonly raisedAt: Instant; readonly rxRate: number } | undefined;

  /** Whether frequent samples are worth their cost: there is traffic both ways. */
  get isBusy(): boolean {
    return Math.min(this.#rxRate, this.#txRate) >= leastRate;
  }

  /** Whether hardly any packets came lately, or they may just have ceased: the next sample should come soon. */
  get isDoubtful(): boolean {
    return this.isBusy && this.#alarm === undefined && this.#isPartial;
  }

  /**
   * When the last packets arrived before the silence that was found, or would usually have been followed by
   * others: no earlier than they did, so that no outage looks longer than it is.
   */
  get silentSince(): Instant | undefined {
    return this.#alarm?.since;
  }

  /**
   * Takes a sample of the counters. `frequentMs`: samples further apart than that say nothing about silence,
   * for this process or the whole machine may have stood still.
   */
  take(at: Instant, { rx, tx }: { rx: number; tx: number }, frequentMs: number): Finding {
    const before = { at: this.#at, rx: this.#rx, tx: this.#tx };
    [this.#at, this.#rx, this.#tx] = [at, rx, tx];
    const [came, went] = [rx - before.rx, tx - before.tx];
    // Counted from zero again: another device of that name, or a counter that wrapped.
    if (before.at === undefined || at <= before.at || came < 0 || went < 0) return this.#begin(at);
    const passedMs = at - before.at;
    const expected = (this.#usualRate * passedMs) / 1000;
    const share = came / expected;
    const isEnough = came > 0 && share >= fewRatio;
    this.#isPartial = expected >= telling && share < partialRatio && went > 0;
    this.#sent += went;
    this.#came += came;
    this.#bare = came > 0 ? { from: at, sent: 0 } : { ...this.#bare, sent: this.#bare.sent + went };
    this.#learn(passedMs, { came, went });
    if (passedMs > frequentMs) return this.#rest(at, isEnough);
    this.#learnedMs += passedMs;
    return isEnough ? this.#arrival(at, before.at, { came, expected }) : this.#quiet(at);
  }

  get #usualRate(): number {
    return this.#alarm?.rxRate ?? this.#rxRate;
  }

  #begin(at: Instant): Finding {
    this.#startQuiet(at);
    return undefined;
  }

  #rest(at: Instant, isEnough: boolean): Finding {
    this.#learnedMs = 0;
    this.#startQuiet(at);
    return isEnough ? this.#end() : undefined;
  }

  /** In a steady flow, fewer packets than ever mean that they ceased within the sample: since then it is quiet. */
  #arrival(at: Instant, lastAt: Instant, { came, expected }: { came: number; expected: number }): Finding {
    const hadQuiet = lastAt > this.#arrivedAt && this.#sent > 0; // without questions there are no answers
    if (hadQuiet) this.#usual.note(at, lastAt - this.#quietFrom);
    const [share, passedMs] = [came / expected, at - lastAt];
    this.#startQuiet(at);
    if (this.#isPartial) this.#quietFrom -= Math.max(0, this.#leastShare - (came + 1) / expected) * passedMs;
    this.#leastShare = Math.min(1, share, this.#leastShare + passedMs / usualMs);
    return this.#end();
  }

  #quiet(at: Instant): Finding {
    if (this.#alarm !== undefined) {
      if (at - this.#alarm.raisedAt > expiresMs) this.#alarm = undefined;
      return undefined;
    }
    if (this.#sent === 0) return this.#begin(at); // nothing that could have been answered
    const quietMs = at - this.#quietFrom;
    if (!this.#isUnusual(at, quietMs)) return undefined;
    const gapMs = 1000 / this.#rxRate;
    const graceMs = Math.max(this.#usual.longestMs, 2 * gapMs) + this.#came * gapMs;
    this.#alarm = { since: Math.min(at, this.#quietFrom + graceMs), raisedAt: at, rxRate: this.#rxRate };
    return 'silent';
  }

  #isUnusual(at: Instant, quietMs: number): boolean {
    if (!this.isBusy || this.#learnedMs < learningMs) return false;
    // As many answers as so much time and so many questions usually bring.
    const byTime = (this.#rxRate * quietMs) / 1000;
    const expected = Math.min(byTime, (this.#rxRate / this.#txRate) * this.#sent);
    const isSilent = this.#sent >= leastSent && expected >= leastExpected && this.#came < fewRatio * expected;
    const bareMs = at - this.#bare.from;
    const isBare =
      this.#bare.sent > 0 && bareMs >= bareSilenceMs && this.#rxRate * bareMs >= bareExpected * 1000;
    return (isSilent || isBare) && quietMs > timesUsual * this.#usual.longestMs;
  }

  #end(): Finding {
    if (this.#alarm === undefined) return undefined;
    this.#alarm = undefined;
    return 'ended';
  }

  #startQuiet(at: Instant): void {
    this.#quietFrom = at;
    this.#arrivedAt = at;
    this.#sent = 0;
    this.#came = 0;
  }

  #learn(passedMs: number, { came, went }: { came: number; went: number }): void {
    this.#knownMs += passedMs;
    const share = Math.max(1 - Math.exp(-passedMs / memoryMs), passedMs / this.#knownMs); // at first, of all
    this.#rxRate += share * ((came * 1000) / passedMs - this.#rxRate);
    this.#txRate += share * ((went * 1000) / passedMs - this.#txRate);
  }
}
