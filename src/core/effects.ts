/**
 * What an event leads to. Nearly every result changes nothing and returns a constant of its path: no garbage
 * to collect, and the parts that follow the state need not work out for themselves what changed.
 */
import type { Decision } from '../../models/decision.ts';
import type { Instant } from '../../models/instant.ts';
import type { Family, PathKey } from '../../models/path.ts';

/** The outcome of one event. */
export interface Step {
  readonly decisions: readonly Decision[];
  readonly effects: Effects;
}

/** What must now be updated to match the state. */
export interface Effects {
  /**
   * Routes, rules and marks. `soon`: the choice improved or its order changed, which may wait a moment when
   * this happens to many providers at once. `now`: a provider loses new traffic.
   */
  readonly routes: 'now' | 'soon' | 'none';
  /** The paths whose next check and diagnosis must be replanned. */
  readonly checks: readonly PathKey[] | 'all' | 'none';
  /** Providers that no longer carry traffic, whose connections may have to be cut. */
  readonly departures: readonly Departure[];
}

/** A provider that no longer carries a family's traffic. */
export interface Departure {
  readonly id: string;
  readonly family: Family;
  readonly why: 'failed' | 'failback';
  readonly dueAt: Instant; // its connections are left alone until then
}

/** No decisions, no departures. */
export const none: readonly [] = Object.freeze([]);

/** Nothing to update. */
export const noEffects: Effects = Object.freeze({ routes: 'none', checks: 'none', departures: none });

/** An event without consequences. */
export const nothing: Step = Object.freeze({ decisions: none, effects: noEffects });

/** A result that changed nothing: only the path's next check must be planned. Made once per path. */
export function uneventful(path: PathKey): Step {
  const effects = Object.freeze({ routes: 'none', checks: Object.freeze([path]), departures: none });
  return Object.freeze({ decisions: none, effects });
}
