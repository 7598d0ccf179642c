/** Makes fault schedules from a seed. */
import { chanceFrom } from '../core/simulate.ts';
import {
  endOf,
  type Fault,
  type FaultKind,
  type LineFault,
  type LineTraits,
  type Schedule,
  targets,
} from './schedule.ts';

/** How a schedule is made. */
export interface GenerateOptions {
  readonly forMs: number; // @default an hour
  readonly paceMs: number; // from the end of one fault of the preferred line to the next, on average. @default 60 s
  readonly othersPaceMs: number; // the same for what is not a fault of a line. @default 120 s
  readonly longestMs: number; // a fault lasts. @default 120 s
  readonly shortestMs: number; // @default 200 ms
  readonly leadMs: number; // nothing goes wrong before. @default 30 s
  readonly calmMs: number; // nor at the end, when all has healed. @default 240 s
  readonly everyKind: boolean; // @default false: each schedule has some of the kinds, so that they stand out
}

const defaults: GenerateOptions = {
  forMs: 3_600_000,
  paceMs: 60_000,
  othersPaceMs: 120_000,
  longestMs: 120_000,
  shortestMs: 200,
  leadMs: 30_000,
  calmMs: 240_000,
  everyKind: false,
};

const lineKinds = [
  ...(['silent', 'silent', 'gateway', 'one-way', 'carrier', 'device', 'address'] as const),
  ...(['loss', 'loss', 'flapping', 'policed'] as const),
];
const otherKinds = [
  ...(['dead target', 'limited target', 'routes deleted', 'rules deleted', 'foreign default'] as const),
  ...(['killed', 'stopped', 'clock step', 'reload'] as const),
];

/** The schedule of a seed; the same seed and options give the same schedule. */
export function generate(seed: number, options: Partial<GenerateOptions> = {}): Schedule {
  const all = { ...defaults, ...options };
  const dice = new Dice(seed);
  const lines = ['fibre', 'cable', 'lte'].map((id, index) => traits(dice, id, index));
  const chosen = <T extends FaultKind>(kinds: readonly T[]): readonly T[] => {
    const some = kinds.filter(() => all.everyKind || dice.chance() < 0.6);
    return some.length > 0 ? some : kinds.slice(0, 1);
  };
  const kinds = chosen(lineKinds);
  const others = chosen(otherKinds);
  const faults = [
    ...lines.flatMap((_, line) => lineFaults(dice, { line, kinds, options: all })),
    ...otherFaults(dice, others, all),
  ];
  faults.sort((a, b) => a.atMs - b.atMs);
  return { seed, forMs: all.forMs, lines, faults };
}

class Dice {
  readonly chance: () => number;

  constructor(seed: number) {
    this.chance = chanceFrom(seed);
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.chance() * items.length)] as T; // the index is within the list
  }

  between(low: number, high: number): number {
    return Math.round(low + this.chance() * (high - low));
  }

  /** As many short times as long ones, in orders of magnitude. */
  spread(lowMs: number, highMs: number): number {
    return Math.round(lowMs * (highMs / lowMs) ** this.chance());
  }

  /** A time until something that happens every `meanMs` on average. */
  wait(meanMs: number): number {
    return Math.round(-Math.log(1 - this.chance()) * meanMs);
  }
}

function traits(dice: Dice, id: string, index: number): LineTraits {
  const lossRatio = dice.chance() < 0.6 ? 0 : dice.between(1, 10) / 1000;
  return { id, device: `eth${index + 1}`, rttMs: dice.spread(2, 120), lossRatio };
}

interface LinePlan {
  readonly line: number;
  readonly kinds: readonly LineFault['kind'][];
  readonly options: GenerateOptions;
}

/** One after another; the preferred line fails twice as often as the others. */
function lineFaults(dice: Dice, { line, kinds, options }: LinePlan): LineFault[] {
  const { forMs, paceMs, leadMs, calmMs, shortestMs, longestMs } = options;
  const faults: LineFault[] = [];
  let atMs = leadMs;
  for (;;) {
    atMs += 2 * shortestMs + dice.wait(line === 0 ? paceMs : 2 * paceMs);
    const when = { line, atMs, forMs: dice.spread(shortestMs, longestMs) };
    const fault = lineFault(dice, dice.pick(kinds), when, options);
    if (endOf(fault) >= forMs - calmMs) return faults;
    faults.push(fault);
    atMs = endOf(fault);
  }
}

type When = Pick<LineFault, 'line' | 'atMs' | 'forMs'>;

function lineFault(
  dice: Dice,
  kind: LineFault['kind'],
  when: When,
  { shortestMs, longestMs }: GenerateOptions,
): LineFault {
  switch (kind) {
    case 'loss':
      return { kind, ...when, forMs: Math.max(when.forMs, longestMs / 10), ratio: dice.between(5, 90) / 100 };
    case 'flapping': {
      const [upMs, downMs] = [dice.spread(shortestMs, longestMs / 4), dice.spread(shortestMs, longestMs / 8)];
      const count = dice.between(2, 6);
      return { kind, ...when, forMs: count * (upMs + downMs), upMs, downMs };
    }
    case 'policed':
      return { kind, ...when, forMs: Math.max(when.forMs, longestMs / 4), perSecond: dice.between(2, 5) };
    default:
      return { kind, ...when };
  }
}

function otherFaults(
  dice: Dice,
  kinds: readonly (typeof otherKinds)[number][],
  options: GenerateOptions,
): Fault[] {
  const { forMs, othersPaceMs, leadMs, calmMs } = options;
  const faults: Fault[] = [];
  let atMs = leadMs;
  for (;;) {
    atMs += dice.wait(othersPaceMs);
    const fault = otherFault(dice, dice.pick(kinds), atMs, options);
    if (endOf(fault) >= forMs - calmMs) return faults;
    faults.push(fault);
    atMs = endOf(fault) + 1000;
  }
}

function otherFault(
  dice: Dice,
  kind: (typeof otherKinds)[number],
  atMs: number,
  { longestMs, shortestMs }: GenerateOptions,
): Fault {
  const forMs = dice.spread(longestMs / 20, longestMs);
  switch (kind) {
    case 'dead target':
      return { kind, atMs, forMs, target: dice.between(0, targets.length - 1) };
    case 'limited target':
      return {
        kind,
        atMs,
        forMs,
        target: dice.between(0, targets.length - 1),
        perSecond: dice.between(1, 3),
      };
    case 'foreign default':
      return { kind, atMs, forMs: forMs / 2, line: dice.between(0, 2), metric: dice.pick([50, 600, 1024]) };
    case 'killed':
      return { kind, atMs, forMs: dice.spread(shortestMs, longestMs / 10) };
    case 'stopped':
      return { kind, atMs, forMs: dice.spread(shortestMs / 4, longestMs / 10) };
    case 'clock step':
      return { kind, atMs, stepMs: dice.pick([-3_600_000, -2000, 2000, 3_600_000]) };
    default:
      return { kind, atMs };
  }
}
