/** What a score is made from. `undefined`: not known. */
export interface Quality {
  readonly lossRatio: number | undefined;
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
}

const perfect = 93.96; // the R factor of a path without loss and delay

/**
 * The quality of a path as users perceive it, 0..100: the R factor of ITU-T G.107's simplified E-model (after
 * Cole and Rosenbluth, 2001), from loss, RTT and jitter, scaled so that a perfect path has 100. `undefined`
 * while the loss is not known, and without an RTT unless nothing was answered.
 */
export function score(quality: Quality): number | undefined {
  const r = rFactor(quality);
  return r === undefined ? undefined : Math.round(Math.min(100, Math.max(0, (r / perfect) * 100)));
}

/** The same as a mean opinion score, 1 to 4.5 (ITU-T G.107, Annex B): what a telephone call over it is worth. */
export function mos(quality: Quality): number | undefined {
  const found = rFactor(quality);
  if (found === undefined) return undefined;
  const r = Math.min(100, Math.max(0, found));
  return Math.round(100 * Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)) / 100;
}

function rFactor({ lossRatio, rttMs, jitterMs }: Quality): number | undefined {
  if (lossRatio === undefined) return undefined;
  if (rttMs === undefined) return lossRatio === 1 ? 0 : undefined;
  const oneWayMs = rttMs / 2 + 2 * (jitterMs ?? 0) + 10; // 10 ms: codec
  const delay = 0.024 * oneWayMs + (oneWayMs > 177.3 ? 0.11 * (oneWayMs - 177.3) : 0);
  return 94.2 - delay - 30 * Math.log(1 + 15 * lossRatio);
}
