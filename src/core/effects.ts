/**
 * What an event leads to. Nearly every result changes nothing: it leads to a constant of its path, so that it leaves
 * nothing behind for the garbage collector, and the parts that follow the state need not look for themselves what changed.
 */
import type { Decision } from '../../models/decision.ts';
import type { Instant } from '../../models/instant.ts';
import type { Family, PathKey } from '../../models/path.ts';

/** The outcome of one event. */
export interface Step {
  readonly decisions: readonly Decision[];
  readonly effects: Effects;
}

/** What must be brought into line with the state now. */
export interface Effects {
  /**
   * Routes, rules and marks. `soon`: the choice got better or its order changed, which may wait for a moment when many
   * providers do so at once; whatever loses new traffic is for `now`.
   */
  readonly routes: 'now' | 'soon' | 'none';
  /** The paths whose next check and next diagnosis are to be planned again. */
  readonly checks: readonly PathKey[] | 'all' | 'none';
  /** Providers that no longer carry traffic, whose connections may have to be cut. */
  readonly departures: readonly Departure[];
}

/** A provider that left the traffic of a family. */
export interface Departure {
  readonly id: string;
  readonly family: Family;
  readonly why: 'failed' | 'failback';
  readonly dueAt: Instant; // its connections are left alone until then
}

/** No decisions, no departures. */
export const none: readonly [] = Object.freeze([]);

/** Nothing has to follow. */
export const noEffects: Effects = Object.freeze({ routes: 'none', checks: 'none', departures: none });

/** An event that nothing follows from. */
export const nothing: Step = Object.freeze({ decisions: none, effects: noEffects });

/** A result that changed nothing: only the next check of its path is to be planned. Made once for each path. */
export function uneventful(path: PathKey): Step {
  const effects = Object.freeze({ routes: 'none', checks: Object.freeze([path]), departures: none });
  return Object.freeze({ decisions: none, effects });
}
