/**
 * `npm run chaos -- [--schedules N] [--seed S] [--show N] [--shrink]`: plays schedules of an hour each in virtual time,
 * and reports how they went. Exits with 1 when a goal is missed. `--seed`: of the first; the others follow. `--show`: how
 * many violations are printed with what happened around them, at most one per schedule and property. `--shrink`: those
 * as small as they can be.
 */
import { parseArgs } from 'node:util';
import { generate } from './generate.ts';
import { type Judgement, judge, type Property, type Violation } from './judge.ts';
import { goals, spellTotals, timeline, totalsOf } from './report.ts';
import type { Schedule } from './schedule.ts';
import { shrink } from './shrink.ts';
import { configOf, playVirtually } from './virtual-player.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    show: { type: 'string', default: '5' },
    shrink: { type: 'boolean', default: false },
  },
});
const [count, first, show] = [Number(values.schedules), Number(values.seed), Number(values.show)];

interface Failure {
  readonly schedule: Schedule;
  readonly violation: Violation;
}

const judgements: Judgement[] = [];
const failures: Failure[] = [];
for (let seed = first; seed < first + count; seed += 1) {
  const schedule = generate(seed);
  const judgement = judge(await playVirtually(schedule), configOf(schedule));
  judgements.push(judgement);
  const seen = new Set<Property>();
  for (const violation of judgement.violations) {
    if (seen.has(violation.property)) continue;
    seen.add(violation.property);
    failures.push({ schedule, violation });
  }
}
const bySeverity: readonly Property[] = ['dead line', 'no route', 'left over', 'needless switch'];
for (const property of bySeverity) {
  const some = failures.filter(({ violation }) => violation.property === property);
  if (some.length > 0) process.stdout.write(`\n${property}: in ${some.length} of ${count} schedules\n`);
  for (const failure of some.slice(0, show)) await print(failure);
}
const totals = totalsOf(judgements);
process.stdout.write(`\n${spellTotals(totals)}\n`);
const isMet =
  totals.ofIdeal >= goals.ofIdeal &&
  totals.needlessPerHour <= goals.needlessPerHour &&
  totals.deadMs <= goals.deadMs &&
  totals.routeless <= goals.routeless;
process.exitCode = isMet ? 0 : 1;

async function print({ schedule, violation }: Failure): Promise<void> {
  const attempt = async (tried: Schedule): Promise<readonly Violation[]> =>
    judge(await playVirtually(tried), configOf(tried)).violations;
  const small = values.shrink ? await shrink(schedule, violation, attempt) : schedule;
  const observed = await playVirtually(small);
  const again = judge(observed, configOf(small)).violations.find(
    ({ property }) => property === violation.property,
  );
  process.stdout.write(`\nseed ${schedule.seed}\n${timeline(small, observed, again ?? violation)}\n`);
  if (values.shrink) process.stdout.write(`  ${JSON.stringify(small)}\n`);
}
