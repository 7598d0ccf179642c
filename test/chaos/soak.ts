/**
 * `npm run soak -- [--minutes N] [--seed S] [--defaults] [--verbose]`: plays a compressed schedule with the real daemon on
 * the real kernel, in a network of its own, and reports how it went. `--defaults`: with default settings, and faults that
 * last longer. Exits with 1 when a goal is missed.
 */
import { parseArgs } from 'node:util';
import { compressed, compressedSettings, compressedTimes, defaultTimes, uncompressed } from './compressed.ts';
import { judge } from './judge.ts';
import { playInLab } from './lab-player.ts';
import { goals, spellTotals, timeline, totalsOf } from './report.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    defaults: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const [seed, minutes] = [Number(values.seed), Number(values.minutes)];
const schedule = values.defaults ? uncompressed(seed, minutes) : compressed(seed, minutes);
const { observed, flow, died } = await playInLab(schedule, {
  settings: values.defaults ? { maxFailbackDelay: '10s' } : compressedSettings, // it must be over when the run is
  startMetric: 100,
  ...(values.verbose ? { say: (text: string) => process.stderr.write(`${text}\n`) } : {}),
});
const judgement = judge(observed, values.defaults ? defaultTimes : compressedTimes);
for (const violation of judgement.violations)
  process.stdout.write(`\nseed ${schedule.seed}\n${timeline(schedule, observed, violation)}\n`);
for (const words of died) process.stdout.write(`\nthe daemon: ${words}\n`);
const totals = totalsOf([judgement]);
process.stdout.write(`\n${spellTotals(totals)}\n`);
const lost = `${flow.lost} of ${flow.sent} datagrams of a flow, the longest time without any ${flow.longestMs.toFixed(0)} ms`;
process.stdout.write(`lost                                  ${lost}\n`);
const isMet =
  totals.ofIdeal >= goals.ofIdeal &&
  totals.needlessPerHour <= goals.needlessPerHour &&
  totals.deadMs <= goals.deadMs &&
  totals.routeless <= goals.routeless &&
  totals.left === 0 &&
  died.length === 0;
process.exit(isMet ? 0 : 1);
