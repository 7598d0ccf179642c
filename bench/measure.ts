/**
 * `MEASURE NAME RUNS FILE [--long]`: runs one bench, prints its figures, and writes them as JSON. In
 * namespaces of its own: see `run`.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { carrier } from './cases/carrier.ts';
import { commands } from './cases/commands.ts';
import { core } from './cases/core.ts';
import { deadOne } from './cases/dead-one.ts';
import { echo } from './cases/echo.ts';
import { flapping } from './cases/flapping.ts';
import { growth } from './cases/growth.ts';
import { compare } from './cases/models.ts';
import { prefixes } from './cases/prefixes.ts';
import { providers } from './cases/providers.ts';
import { recovery } from './cases/recovery.ts';
import { silent } from './cases/silent.ts';
import { stalls } from './cases/stalls.ts';
import { start } from './cases/start.ts';
import { sticky } from './cases/sticky.ts';
import { type Figure, isMissed, median, type Results, spell, worst } from './figures.ts';
import type { BenchOptions } from './stage.ts';

/** A bench: its figures, and the time without a default route. */
type Bench = (options: BenchOptions) => Promise<{ result: readonly Figure[]; withoutDefaultMs: number }>;

const benches: Readonly<Record<string, Bench>> = {
  start,
  commands,
  sticky,
  carrier,
  silent: silent(
    'default settings',
    {},
    {
      intervalMs: 1000,
      minOutageMs: 1000,
      targetMs: 1150,
      basisDelayMs: 50, // the flow itself shows it
    },
  ),
  'silent-new': silent(
    'default settings, new connections',
    { connectionMarks: true },
    {
      intervalMs: 1000,
      minOutageMs: 0, // a provider in doubt gets none
      targetMs: 250,
      basisDelayMs: 100,
    },
  ),
  'silent-idle': silent(
    'default settings',
    {},
    {
      intervalMs: 1000,
      minOutageMs: 1000,
      targetMs: 1700,
      idle: true,
    },
  ),
  'silent-fast': silent(
    "`reaction: 'fast'`",
    { reaction: 'fast' },
    { intervalMs: 100, minOutageMs: 300, targetMs: 450 },
  ),
  'silent-fastest': silent(
    '`checkInterval: 0.02, minOutage: 0.06`',
    { checkInterval: 0.02, minOutage: 0.06 },
    { intervalMs: 20, minOutageMs: 60, targetMs: 120 },
  ),
  'silent-raw': silent(
    '`checkInterval: 0.02, minOutage: 0.06`, raw sockets',
    { checkInterval: 0.02, minOutage: 0.06 },
    { intervalMs: 20, minOutageMs: 60, targetMs: 120, means: 'raw sockets' },
  ),
  recovery,
  flapping,
  stalls,
  core,
  echo,
  providers,
  prefixes,
  'dead-one': deadOne,
  models: compare,
  growth,
};

/** How long a bench may take, ms: whatever hangs in it, the others go on. */
const usualMs = 15 * 60_000;
const mostMs: Readonly<Record<string, number>> = { growth: 40 * 60_000, stalls: 30 * 60_000 };

const [name = '', runs, file = '', long] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined)
  throw new Error(`There is no bench "${name}"; there are ${Object.keys(benches).join(', ')}`);
setTimeout(() => {
  process.stderr.write(`${name}: it did not end within ${mostMs[name] ?? usualMs} ms and was ended\n`);
  process.exit(1);
}, mostMs[name] ?? usualMs);
const began = performance.now();
const [load = 0] = loadavg();
const { result: figures, withoutDefaultMs } = await bench({ runs: Number(runs), long: long === '--long' });
const seconds = (performance.now() - began) / 1000;
const results: Results = { bench: name, figures, withoutDefaultMs, load, seconds };
writeFileSync(file, JSON.stringify(results));
for (const figure of figures) {
  const middle = spell(median(figure.values), figure.unit);
  const range =
    figure.values.length === 1 ? middle : `median ${middle}, worst ${spell(worst(figure), figure.unit)}`;
  process.stdout.write(`${name}: ${figure.what}: ${range}${isMissed(figure) ? '  MISSED' : ''}\n`);
}
process.stdout.write(
  `${name}: ${spell(withoutDefaultMs, 'ms')} without a default route; took ${seconds.toFixed(0)} s\n`,
);
process.exit(); // anything a bench left running must not delay the others; it dies with us
