/**
 * Watches the packet counters of devices that carry traffic: rarely while there is little to see, every 50 ms
 * while packets come and go, so that silence is noticed within a tenth of a second.
 */
import type { TrafficEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import { CounterFile, countersOf } from './counters.ts';
import { SilenceDetector } from './silence.ts';

/** Where the watcher reports to, and what it reads. */
export interface TrafficSinks {
  now(): Instant;
  emit(event: TrafficEvent): void;
  readonly file?: string; // @default '/proc/net/dev'
}

const sampleMs = 50;
const cheapLength = 8192; // characters: some 60 devices; where there are more, samples are taken less often
const lateFactor = 4; // a sample later than so many periods says nothing about silence
const alarmsAtOnce = 6; // then one each ten seconds: each causes a check
const alarmEveryMs = 10_000;

export class TrafficWatcher {
  readonly #sinks: TrafficSinks;
  readonly #file: CounterFile;
  #detectors: ReadonlyMap<string, SilenceDetector> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #periodMs = sampleMs;
  readonly #silent = new Set<string>(); // devices whose silence was reported
  #alarms = alarmsAtOnce; // that may be raised now
  #creditedAt: Instant = 0;

  constructor(sinks: TrafficSinks) {
    this.#sinks = sinks;
    this.#file = new CounterFile(sinks.file);
  }

  /** Watches these devices and no others. To be called about once a second: each call takes a sample. */
  watch(devices: ReadonlySet<string>): void {
    const known = this.#detectors;
    const isSame = known.size === devices.size && [...devices].every((device) => known.has(device));
    if (!isSame)
      this.#detectors = new Map([...devices].map((name) => [name, known.get(name) ?? new SilenceDetector()]));
    if (devices.size > 0) this.#sample();
    this.#pace();
    if (devices.size === 0) this.#file.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#file.close();
  }

  #pace(): void {
    const isBusy = [...this.#detectors.values()].some((detector) => detector.isBusy);
    if (isBusy === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = isBusy ? setInterval(() => this.#sample(), this.#periodMs) : undefined;
  }

  #sample(): void {
    const text = this.#read();
    const at = this.#sinks.now();
    for (const [device, detector] of this.#detectors) {
      const counters = countersOf(text, device);
      if (counters === undefined) continue; // it is gone, which is reported as such
      const packets = { rx: counters.rxPackets, tx: counters.txPackets };
      const finding = detector.take(at, packets, lateFactor * this.#periodMs);
      if (finding === 'silent' && this.#mayAlarm(at)) this.#alarm(at, device, detector.silentSince);
      else if (finding === 'ended' && this.#silent.delete(device)) this.#report(at, device, undefined);
    }
    this.#periodMs = sampleMs * Math.max(1, Math.ceil(text.length / cheapLength));
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
