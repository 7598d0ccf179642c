import type { Evidence, EvidenceName } from '../../../models/decision.ts';

/** A figure that counts against a path once it is above its limit. */
export function above(name: EvidenceName, value: number, unit: Evidence['unit'], limit: number): Evidence {
  return { name, value, unit, limit, sense: 'above', crossed: value > limit };
}
