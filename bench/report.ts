/**
 * `REPORT FOLDER partial|'' COMMAND`: gathers the benches' results, and writes docs/performance.md from them
 * unless they are partial.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import {
  type Figure,
  isMissed,
  judgedValue,
  limitText,
  median,
  type Results,
  spell,
  worst,
} from './figures.ts';

const [folder = '', extent = '', command = ''] = process.argv.slice(2);
const all = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name): Results => JSON.parse(readFileSync(join(folder, name), 'utf8'))); // measure.ts wrote it
const order = [
  'silent',
  'silent-new',
  'silent-idle',
  'silent-fast',
  'silent-fastest',
  'silent-raw',
  'carrier',
  'stalls',
  'flapping',
  'recovery',
  'sticky',
  'start',
  'commands',
  'core',
  'echo',
  'providers',
  'dead-one',
  'models',
  'prefixes',
];
all.sort((a, b) => order.indexOf(a.bench) - order.indexOf(b.bench));

const growth = all.filter(({ bench }) => bench === 'growth');
const quick = all.filter(({ bench }) => bench !== 'growth');
const figures = quick.flatMap((results) => results.figures);
const withoutDefaultMs = quick.reduce((sum, results) => sum + results.withoutDefaultMs, 0);
const gap: Figure = {
  what: 'time without a default route in all of these together, both families',
  unit: 'ms',
  values: [withoutDefaultMs],
  target: 0,
};
const missed = [...figures, ...growth.flatMap((results) => results.figures), gap].filter(isMissed);
const isWhole = extent === '' && quick.length === order.length;
if (growth.length > 0) writeFileSync('docs/growth.md', growthPage(growth));
if (isWhole) writeFileSync('docs/performance.md', page());
process.stdout.write(
  isWhole
    ? 'bench: docs/performance.md is written\n'
    : 'bench: not all were measured: docs/performance.md stays\n',
);
for (const figure of missed) {
  const { what, unit } = figure;
  process.stdout.write(
    `bench: missed: ${what}: ${spell(judgedValue(figure), unit)}, target: ${limitText(figure)}\n`,
  );
}
process.exitCode = missed.length > 0 ? 1 : 0;

function machine(results: readonly Results[]): string {
  const seconds = results.reduce((sum, each) => sum + each.seconds, 0);
  const loads = results.map(({ load }) => load);
  return `| machine | |
|---|---|
| kernel | Linux ${release()} ${arch()} |
| CPU | ${cpus()[0]?.model ?? 'not known'}, ${cpus().length} cores |
| memory | ${(totalmem() / 2 ** 30).toFixed(1)} GiB |
| Node.js | ${process.version} |
| load when the benches began | ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)} (the lab, the flows and the daemon share the cores) |
| took | ${(seconds / 60).toFixed(0)} min, ended ${new Date().toISOString().slice(0, 16)}Z |`;
}

function table(rows: readonly Figure[]): string {
  return `| figure | median | worst | runs | target | median : (\`minOutage\` + half an interval) | |
|---|---:|---:|---:|---|---:|---|
${rows.map(row).join('\n')}`;
}

function growthPage(results: readonly Results[]): string {
  return `# Twenty minutes of 256 providers

Written by \`${command}\`: the real daemon with 256 providers, a device each, whose three targets are all probed every second, while one
provider after another dies for a moment. Sampled 41 times, from a minute after the start until the end.

${machine(results)}

${table(results.flatMap((each) => each.figures))}
`;
}

function page(): string {
  return `# Performance

Written by \`${command}\`, which measures the real daemon in network namespaces of its own: three wired providers, each 0.1 ms away.
Run it on your own machine to compare.

${machine(quick)}

${table([...figures, gap])}

The results of 20 minutes with 256 providers are in [growth.md](growth.md), which \`npm run bench -- growth\` writes.

How it is measured. A flow sends a datagram every 10 ms (2 ms where the target is below 150 ms) and counts an answer after 100 ms as
lost; an outage lasts from the first lost datagram to the next answered one. A silent failure drops forwarded packets at the provider,
while its gateway and the carrier stay as they are. Faults are injected at a random phase of the checks; the runs about silent failure are
spread over equal parts of an interval, so that chance hardly affects the median. Routes are timed by the kernel's own
events. Besides its own target, an outage is limited to \`minOutage\` + half an interval + 100 ms.

CPU is what the kernel counts for a process, its threads and its children, once hot code is compiled; the kernel's work for an
echo and its answer on a virtual device counts towards the sender. Many providers are as many devices, with a gateway at the other
end of each. In the comparison with two simple models, which run in the same lab, each method is timed from the silent failure to the new route, less what it tolerates: the
shortest outage that can make it switch. A factor compares two figures of one run.
`;
}

function row(figure: Figure): string {
  const { what, unit, values, basisMs } = figure;
  const cells = [
    what,
    spell(median(values), unit),
    values.length === 1 ? '' : spell(worst(figure), unit),
    String(values.length),
    limitText(figure),
    basisMs === undefined ? '' : `${(median(values) / basisMs).toFixed(2)} of ${spell(basisMs, 'ms')}`,
    limitText(figure) === '' ? '' : isMissed(figure) ? '**missed**' : 'met',
  ];
  return `| ${cells.join(' | ')} |`;
}
