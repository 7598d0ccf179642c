/**
 * Watches the counters of devices that carry traffic: once a second while there is little to see, every
 * 100 ms while packets come and go, so that silence is noticed within a tenth of a second.
 */
import type { LoadEvent, TrafficEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import { CounterFile, eachOf } from './counters.ts';
import { LoadMeter } from './load-meter.ts';
import { SilenceDetector } from './silence.ts';

/** Where the watcher reports to, and what it reads. */
export interface TrafficSinks {
  now(): Instant;
  emit(event: TrafficEvent | LoadEvent): void;
  readonly counters?: Pick<CounterFile, 'read' | 'close'>; // @default those of the kernel
}

/** Devices to watch. */
export interface Watched {
  readonly carrying: ReadonlySet<string>; // how much they carry
  readonly rarelyChecked: ReadonlySet<string>; // those of them for whose silence to look
}

const sampleMs = 100;
const closerEveryMs = 500; // at most
const doubtfulMs = 45; // until the next sample, where packets may just have ceased
const cheapLength = 8192; // characters: some 60 devices; where there are more, samples are taken less often
const curiousMs = 2000;
const lateFactor = 4; // a sample later than so many periods says nothing about silence
const alarmsAtOnce = 6; // then one each ten seconds: each causes a check
const alarmEveryMs = 10_000;

export class TrafficWatcher {
  readonly #sinks: TrafficSinks;
  readonly #file: Pick<CounterFile, 'read' | 'close'>;
  #detectors: ReadonlyMap<string, SilenceDetector> = new Map();
  #meters: ReadonlyMap<string, LoadMeter> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #closer: NodeJS.Timeout | undefined;
  #closerAt: Instant = 0;
  #periodMs = sampleMs;
  #curiousUntil: Instant = 0; // it is not known yet how busy the devices are
  readonly #silent = new Set<string>(); // devices whose silence was reported
  #alarms = alarmsAtOnce; // that may be raised now
  #creditedAt: Instant = 0;

  constructor(sinks: TrafficSinks) {
    this.#sinks = sinks;
    this.#file = sinks.counters ?? new CounterFile();
  }

  /** Watches these devices and no others. To be called about once a second: each call takes a sample. */
  watch({ carrying, rarelyChecked }: Watched): void {
    const before = this.#meters;
    const detectors = kept(this.#detectors, rarelyChecked, () => new SilenceDetector());
    if (detectors !== this.#detectors) this.#curiousUntil = this.#sinks.now() + curiousMs;
    this.#detectors = detectors;
    this.#meters = kept(before, carrying, () => new LoadMeter());
    for (const [device, meter] of before) if (!this.#meters.has(device)) this.#forget(device, meter);
    if (carrying.size > 0) this.#measure();
    else this.#file.close();
    this.#pace();
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#closer);
    this.#timer = undefined;
    this.#file.close();
  }

  #pace(): void {
    const isCurious = this.#detectors.size > 0 && this.#sinks.now() < this.#curiousUntil;
    const isBusy = isCurious || [...this.#detectors.values()].some((detector) => detector.isBusy);
    if (isBusy === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = isBusy ? setInterval(() => this.#look(), this.#periodMs) : undefined;
  }

  /** Takes a sample, and another soon if packets may just have ceased. */
  #look(): void {
    const { at } = this.#sample();
    if (at - this.#closerAt < closerEveryMs) return;
    if (![...this.#detectors.values()].some((detector) => detector.isDoubtful)) return;
    this.#closerAt = at;
    this.#closer = setTimeout(() => void this.#sample(), doubtfulMs);
  }

  /** Also reads how much the devices carry. */
  #measure(): void {
    const { text, at } = this.#sample();
    eachOf(text, this.#meters, (device, counters) => {
      const rates = this.#meters.get(device)?.take(at, counters);
      if (rates !== undefined) this.#sinks.emit({ type: 'load', at, device, ...rates });
    });
  }

  /** A device that carries nothing any more. */
  #forget(device: string, { isLoaded }: LoadMeter): void {
    this.#silent.delete(device);
    if (isLoaded) this.#sinks.emit({ type: 'load', at: this.#sinks.now(), device, sent: 0, received: 0 });
  }

  #sample(): { readonly text: string; readonly at: Instant } {
    const text = this.#read();
    const at = this.#sinks.now();
    eachOf(text, this.#detectors, (device, { rxPackets: rx, txPackets: tx }) => {
      const detector = this.#detectors.get(device);
      const finding = detector?.take(at, { rx, tx }, lateFactor * this.#periodMs);
      if (finding === 'silent' && this.#mayAlarm(at)) this.#alarm(at, device, detector?.silentSince);
      else if (finding === 'ended' && this.#silent.delete(device)) this.#report(at, device, undefined);
    });
    this.#periodMs = sampleMs * Math.max(1, Math.ceil(text.length / cheapLength));
    return { text, at };
  }

  /** Empty where it cannot be read: then traffic simply says nothing. */
  #read(): string {
    try {
      return this.#file.read();
    } catch {
      this.#file.close();
      return '';
    }
  }

  #alarm(at: Instant, device: string, since: Instant | undefined): void {
    this.#silent.add(device);
    this.#report(at, device, since);
  }

  #report(at: Instant, device: string, silentSince: Instant | undefined): void {
    this.#sinks.emit({ type: 'traffic', at, device, silentSince });
  }

  #mayAlarm(at: Instant): boolean {
    const credit = (at - this.#creditedAt) / alarmEveryMs;
    this.#alarms = Math.min(alarmsAtOnce, this.#alarms + credit);
    this.#creditedAt = at;
    if (this.#alarms < 1) return false;
    this.#alarms -= 1;
    return true;
  }
}

/** A map with these keys: the values it had, or new ones. The same map if nothing changes. */
function kept<T>(
  map: ReadonlyMap<string, T>,
  keys: ReadonlySet<string>,
  create: () => T,
): ReadonlyMap<string, T> {
  if (map.size === keys.size && [...keys].every((key) => map.has(key))) return map;
  return new Map([...keys].map((key) => [key, map.get(key) ?? create()]));
}
