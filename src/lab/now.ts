/** The present, in ms since the Unix epoch with a fraction; comparable between processes of one machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
