/** Which line really carries packets at each instant. */
import { isLineFault, type LineFault, type Schedule } from './schedule.ts';

/** A time during which a line is not as usual. Those of one line do not overlap. */
export interface Spell {
  readonly line: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly share: number; // of packets that get through, 0..1
  readonly obstacle: boolean; // visible without a check: no carrier, no address, no device
}

/** What a line is like at an instant. */
export interface Condition {
  readonly share: number;
  readonly obstacle: boolean;
}

interface Change extends Condition {
  readonly atMs: number;
}

/** The truth about all lines of a run. Looked up fastest in the order of time. */
export class Truth {
  /** Instants at which something changes, in order. */
  readonly boundaries: readonly number[];
  readonly #changes: readonly (readonly Change[])[]; // by line, in order, the first at -Infinity
  readonly #last: number[]; // by line, the change that was found last

  /** `usual`: each line's share of packets that get through when nothing is wrong. */
  constructor(usual: readonly number[], spells: readonly Spell[]) {
    this.#changes = usual.map((share, line) =>
      changesOf(
        share,
        spells.filter((spell) => spell.line === line),
      ),
    );
    this.#last = usual.map(() => 0);
    const instants = spells.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
    this.boundaries = [...new Set(instants)].sort((a, b) => a - b);
  }

  /** A line's condition at an instant. */
  at(line: number, ms: number): Condition {
    const changes = this.#changes[line] ?? [];
    let index = this.#last[line] ?? 0;
    while (index > 0 && (changes[index]?.atMs ?? 0) > ms) index -= 1;
    while ((changes[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) <= ms) index += 1;
    this.#last[line] = index;
    return changes[index] ?? { share: 0, obstacle: true };
  }
}

function changesOf(usual: number, spells: readonly Spell[]): Change[] {
  const well = { share: usual, obstacle: false };
  const changes: Change[] = [{ atMs: Number.NEGATIVE_INFINITY, ...well }];
  for (const { fromMs, toMs, share, obstacle } of [...spells].sort((a, b) => a.fromMs - b.fromMs))
    changes.push({ atMs: fromMs, share: share * usual, obstacle }, { atMs: toMs, ...well });
  return changes;
}

/** The spells of a schedule, as planned. */
export function spellsOf({ faults }: Schedule): Spell[] {
  return faults.filter(isLineFault).flatMap((fault) => spellsOfFault(fault, fault.atMs));
}

/** The spells of one fault that began at `fromMs`. */
export function spellsOfFault(fault: LineFault, fromMs: number): Spell[] {
  const { kind, line } = fault;
  const spell = { line, fromMs, toMs: fromMs + fault.forMs, share: 0, obstacle: false };
  switch (kind) {
    case 'policed':
      return [];
    case 'loss':
      return [{ ...spell, share: 1 - fault.ratio }];
    case 'flapping': {
      const periodMs = fault.upMs + fault.downMs;
      const count = Math.round(fault.forMs / periodMs);
      return Array.from({ length: count }, (_, i) => ({
        ...spell,
        fromMs: fromMs + i * periodMs,
        toMs: fromMs + i * periodMs + fault.downMs,
      }));
    }
    default:
      return [{ ...spell, obstacle: kind === 'carrier' || kind === 'device' || kind === 'address' }];
  }
}
