/** How often values fell into which range, as Prometheus counts them: a value equal to a bound is within it. */
export class Histogram {
  readonly bounds: readonly number[]; // ascending; whatever exceeds the last is counted in `count` alone
  readonly counts: number[]; // one for each bound: the values above the bound before it
  count = 0;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    this.count += 1;
    this.sum += value;
    for (let i = 0; i < bounds.length; i += 1) {
      if (value > (bounds[i] ?? 0)) continue;
      counts[i] = (counts[i] ?? 0) + 1;
      return;
    }
  }
}
