/** Prints the result of each run on stderr when FAILOVER_BENCH_TRACE is set: to find out where time goes. */
export function trace(text: string): void {
  if (process.env['FAILOVER_BENCH_TRACE']) process.stderr.write(`  ${text}\n`);
}
