/**
 * Which packets get no mark of ours, as they bear another's: a rule that compares a whole mark, such as WireGuard's,
 * would no longer know them.
 */
import { hexMark, othersBits } from '../../../models/mark.ts';
import type { State } from '../state/state.ts';

/** Of what this machine sends, every packet with others' bits: a program asked for them. None where every bit is ours. */
export function leaveMarked({ config }: State): string[] {
  const others = othersBits(config.fwmarkMask);
  return others === 0 ? [] : [`meta mark & ${hexMark(others)} != 0 accept`];
}

/**
 * Of what it forwards, those that a rule of others asks for. Other marks are a firewall's notes, for traffic shaping for
 * example, and such packets must stay with their connection's provider.
 */
export function leaveRouted({ config, links }: State): string[] {
  const lines = (links?.rules ?? []).flatMap(({ mark }) => {
    const bits = mark === undefined ? 0 : (mark.mask & othersBits(config.fwmarkMask)) >>> 0;
    if (mark === undefined || bits === 0) return [];
    return [`meta mark & ${hexMark(bits)} == ${hexMark((mark.value & bits) >>> 0)} accept`];
  });
  return [...new Set(lines)].sort();
}
