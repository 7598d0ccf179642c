/** What a score is made from. `undefined`: not known. */
export interface Quality {
  readonly lossRatio: number | undefined;
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
}

/**
 * The quality of a path as users perceive it, 0..100: the R factor of ITU-T G.107's simplified E-model (after
 * Cole and Rosenbluth, 2001), from loss, RTT and jitter, scaled so that a perfect path has 100. `undefined`
 * while the loss is not known, and without an RTT unless nothing was answered.
 */
export function score({ lossRatio, rttMs, jitterMs }: Quality): number | undefined {
  if (lossRatio === undefined) return undefined;
  if (rttMs === undefined) return lossRatio === 1 ? 0 : undefined;
  const oneWayMs = rttMs / 2 + 2 * (jitterMs ?? 0) + 10; // 10 ms: codec
  const delay = 0.024 * oneWayMs + (oneWayMs > 177.3 ? 0.11 * (oneWayMs - 177.3) : 0);
  const loss = 30 * Math.log(1 + 15 * lossRatio);
  const r = 94.2 - delay - loss;
  return Math.round(Math.min(100, Math.max(0, (r / 93.96) * 100)));
}
