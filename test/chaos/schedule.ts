/**
 * What goes wrong in one run, as plain data: two players share it, one in virtual time and one on a real kernel. Times
 * are ms since the start. Faults of one line never overlap; those of different lines may.
 */

/** Everything that happens in a run. */
export interface Schedule {
  readonly seed: number; // also of the chance that loses single packets
  readonly forMs: number;
  readonly lines: readonly LineTraits[]; // the preferred one first
  readonly faults: readonly Fault[]; // by `atMs`
}

/** What a line is like when nothing is wrong with it. */
export interface LineTraits {
  readonly id: string;
  readonly device: string;
  readonly rttMs: number;
  readonly lossRatio: number; // of single packets, 0..1
}

/** One thing that goes wrong. */
export type Fault = LineFault | TargetFault | Tampering | ProcessFault;

/** Something wrong with one line, until it heals. */
export type LineFault = {
  readonly line: number;
  readonly atMs: number;
  readonly forMs: number;
} & (
  | { readonly kind: 'silent' | 'gateway' | 'one-way' } // nothing comes back; the carrier stays
  | { readonly kind: 'carrier' }
  | { readonly kind: 'device' } // it is removed, and created again under another index
  | { readonly kind: 'address' } // it is removed; another one comes at the end
  | { readonly kind: 'loss'; readonly ratio: number }
  | { readonly kind: 'flapping'; readonly upMs: number; readonly downMs: number } // silent; down first
  | { readonly kind: 'policed'; readonly perSecond: number } // answers so many echoes; data passes
);

/** One target that fails through every line. Data passes. */
export type TargetFault = {
  readonly target: number; // index into the targets
  readonly atMs: number;
  readonly forMs: number;
} & (
  | { readonly kind: 'dead target' }
  | { readonly kind: 'limited target'; readonly perSecond: number } // of all lines together
);

/** Others change the kernel's routes. */
export type Tampering =
  | { readonly kind: 'routes deleted'; readonly atMs: number }
  | { readonly kind: 'rules deleted'; readonly atMs: number }
  | ForeignDefault;

/** Somebody else has a default route. */
export interface ForeignDefault {
  readonly kind: 'foreign default';
  readonly atMs: number;
  readonly forMs: number;
  readonly line: number;
  readonly metric: number; // below ours, it prevails
}

/** Something that happens to the daemon. */
export type ProcessFault =
  | { readonly kind: 'killed'; readonly atMs: number; readonly forMs: number } // SIGKILL
  | { readonly kind: 'stopped'; readonly atMs: number; readonly forMs: number } // SIGSTOP
  | { readonly kind: 'clock step'; readonly atMs: number; readonly stepMs: number }
  | { readonly kind: 'reload'; readonly atMs: number };

/** Every kind of fault. */
export type FaultKind = Fault['kind'];

/** The targets that are pinged, by the index that a fault names. */
export const targets = ['1.1.1.1', '8.8.8.8', '9.9.9.9'] as const;

/** When a fault is over; at once for those that only happen. */
export function endOf(fault: Fault): number {
  return 'forMs' in fault ? fault.atMs + fault.forMs : fault.atMs;
}

/** Whether a fault belongs to a line. */
export function isLineFault(fault: Fault): fault is LineFault {
  return 'line' in fault && fault.kind !== 'foreign default';
}

/** A fault in words: `12.3 s  fibre: loss 0.4 for 20.0 s`. */
export function describe(fault: Fault, lines: readonly LineTraits[]): string {
  const { kind, atMs, ...rest } = fault;
  const details = Object.entries(rest)
    .filter(([name]) => !['line', 'forMs'].includes(name))
    .map(([name, value]) => `${name} ${value}`);
  const where = 'line' in fault ? `${lines[fault.line]?.id}: ` : '';
  const lasting = 'forMs' in fault ? `for ${seconds(fault.forMs)}` : '';
  const words = [where + kind, ...details, lasting].filter((word) => word !== '');
  return `${seconds(atMs).padStart(10)}  ${words.join(' ')}`;
}

/** ms as `12.345 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
