/** `REPORT FOLDER partial|'' COMMAND`: gathers what the benches wrote, and makes docs/performance.md of it unless it is partial. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Figure, isMissed, judgedValue, median, type Results, spell, wanted, worst } from './figures.ts';

const [folder = '', extent = '', command = ''] = process.argv.slice(2);
const all = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name): Results => JSON.parse(readFileSync(join(folder, name), 'utf8'))); // measure.ts wrote it
const order = [
  'silent',
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

const soak = all.filter(({ bench }) => bench === 'soak');
const quick = all.filter(({ bench }) => bench !== 'soak');
const figures = quick.flatMap((results) => results.figures);
const withoutDefaultMs = quick.reduce((sum, results) => sum + results.withoutDefaultMs, 0);
const gap: Figure = {
  what: 'time without a default route in all of these together, both families',
  unit: 'ms',
  values: [withoutDefaultMs],
  target: 0,
};
const missed = [...figures, ...soak.flatMap((results) => results.figures), gap].filter(isMissed);
const isWhole = extent === '' && quick.length === order.length;
if (soak.length > 0) writeFileSync('docs/soak.md', soakPage(soak));
if (isWhole) writeFileSync('docs/performance.md', page());
process.stdout.write(
  isWhole
    ? 'bench: docs/performance.md is written\n'
    : 'bench: not all were measured: docs/performance.md stays\n',
);
for (const figure of missed) {
  const { what, unit } = figure;
  process.stdout.write(
    `bench: missed: ${what}: ${spell(judgedValue(figure), unit)}, wanted ${wanted(figure)}\n`,
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
  return `| figure | median | worst | runs | wanted | median : (\`minOutage\` + half an interval) | |
|---|---:|---:|---:|---|---:|---|
${rows.map(row).join('\n')}`;
}

function soakPage(results: readonly Results[]): string {
  return `# Twenty minutes of 256 providers

Written by \`${command}\`: the real daemon with 256 providers, a device each, whose three targets are all asked each second, while one
provider after the other dies for a moment. Looked at 41 times, a minute after the start and from then on until the end.

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

What 20 minutes of 256 providers come to is in [soak.md](soak.md), which \`npm run bench -- soak\` writes.

How it is measured. A flow sends a datagram every 10 ms (2 ms where less than 150 ms is wanted) and counts an answer after 100 ms as
lost; an outage lasts from the first lost datagram to the next answered one. A silent death drops what is forwarded at the provider,
while its gateway and the carrier stay as they are. Faults come at a random phase of the checks; in the runs about silent death, one
run in each of as many equal parts of an interval, so that chance has little say in the median. Routes are timed by the kernel's own
events. Besides its own target, an outage is held to \`minOutage\` + half an interval + 100 ms.

CPU is what the kernel counts for a process, its threads and its children, once all that is used much is compiled; what the kernel does for an
echo and its answer on a virtual device counts for the sender. Many providers are as many devices, with a gateway at the other
end of each. Beside the two simple models, which run in the same lab, each method counts from the silent death to the new route, less what it tolerates: the
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
    wanted(figure),
    basisMs === undefined ? '' : `${(median(values) / basisMs).toFixed(2)} of ${spell(basisMs, 'ms')}`,
    wanted(figure) === '' ? '' : isMissed(figure) ? '**missed**' : 'met',
  ];
  return `| ${cells.join(' | ')} |`;
}
