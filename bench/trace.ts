/** Says what each run found, on stderr, when FAILOVER_BENCH_TRACE is set: for finding out where time goes. */
export function trace(text: string): void {
  if (process.env['FAILOVER_BENCH_TRACE']) process.stderr.write(`  ${text}\n`);
}
