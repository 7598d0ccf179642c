import type { ConnectionCount, FailbackWait, PathSnapshot, Spent } from '../../models/snapshot.ts';
import { delayWords } from '../core/election/failback-delay.ts';
import { bytes, count, duration, familyName, percent } from '../core/format.ts';
import { radioWords } from '../core/health/radio.ts';
import { checkMarks } from './check-marks.ts';
import { leaseWords } from './lease-words.ts';
import { paint, type TerminalStyle, type Tone, wrap } from './terminal.ts';

const indent = '        ';

/** One provider on the status page: a line for itself, then a few for each of its families. */
export function providerLines(
  id: string,
  paths: readonly PathSnapshot[],
  at: number,
  look: TerminalStyle,
): string[] {
  const isActive = paths.some(({ role }) => role === 'active');
  const { interfaceName = '?', table = 0, modem } = paths[0] ?? {};
  const [active, idle] = look.unicode ? ['●', '○'] : ['*', '-'];
  const name = paint(isActive ? 'strong' : undefined, `${isActive ? active : idle} ${id}`, look);
  return [
    `${name}  ${interfaceName}, table ${table}`,
    ...(modem === undefined ? [] : wrap(radioWords(modem), '  ', look)),
    ...paths.flatMap((path) => familyLines(path, at, look)),
  ];
}

function familyLines(path: PathSnapshot, at: number, look: TerminalStyle): string[] {
  const head = `  ${familyName(path.family)}  ${path.role.padEnd(9)}`;
  if (path.role === 'disabled' || path.role === 'absent') return [`${head}${idleReason(path)}`];
  const words = `${health(path, at).padEnd(31)} `;
  const verdict = paint(tone(path), words, look);
  return [
    `${head}${verdict}${checkMarks(path.recent, look.columns - head.length - words.length - 1, look)}`.trimEnd(),
    ...wrap(figures(path), indent, look),
    ...(path.spent === undefined ? [] : wrap(cost(path.spent), indent, look)),
    ...(path.connections === undefined ? [] : wrap(carried(path.connections), indent, look)),
    ...wrap(place(path), indent, look).map((line) => paint('faint', line, look)),
    ...(path.lease === undefined ? [] : wrap(leaseWords(path.lease, at), indent, look)),
    ...wrap(path.why, indent, look),
    ...(path.failback === undefined ? [] : wrap(waitWords(path.failback, at), indent, look)),
    ...path.remarks.flatMap((remark) => wrap(remark, indent, look)).map((line) => paint('warn', line, look)),
  ];
}

function idleReason({ role }: PathSnapshot): string {
  return role === 'disabled'
    ? '"enabled: false" in the configuration'
    : 'the device does not have this family';
}

/** When a provider that waits for its failback delay gets traffic. */
export function waitWords({ delayMs, failovers, dueAt }: FailbackWait, at: number): string {
  const when =
    dueAt === undefined
      ? `once it has been reliable for ${duration(delayMs)}`
      : `in ${duration(Math.max(0, dueAt - at))}`;
  return `carries traffic ${when} (${delayWords(delayMs, failovers)})`;
}

/** Where nothing gets through, with the layer that broke. */
function health({ health, liveness, since, layer }: PathSnapshot, at: number): string {
  const verdict = since === undefined ? health : `${health} for ${duration(Math.max(0, at - since))}`;
  const where = layer === undefined ? '' : ` (${layer})`;
  if (liveness === 'doubt') return `${verdict}, in doubt${where}`;
  return liveness === 'down' ? `${verdict}, down${where}` : `${verdict}${where}`;
}

function tone({ health, liveness }: PathSnapshot): Tone {
  if (health === 'unreliable' || liveness === 'down') return 'bad';
  return health === 'reliable' && liveness !== 'doubt' ? 'good' : 'warn';
}

function figures({ score, lossRatio, rttMs, jitterMs, samples }: PathSnapshot): string {
  const known = [
    score === undefined ? undefined : `score ${score}`,
    lossRatio === undefined ? undefined : `loss ${percent(lossRatio)}`,
    rttMs === undefined ? undefined : `rtt ${milliseconds(rttMs)}`,
    jitterMs === undefined ? undefined : `jitter ${milliseconds(jitterMs)}`,
    samples === 0 ? 'no checks yet' : count(samples, 'check'),
  ];
  return known.filter((figure) => figure !== undefined).join(', ');
}

function cost({ lastHourBytes, sinceStartBytes, budgetBytes, slowedToMs }: Spent): string {
  const budget = budgetBytes === undefined ? '' : ` (budget ${bytes(budgetBytes)})`;
  const pace = slowedToMs === undefined ? '' : `, one every ${duration(slowedToMs)}`;
  return `checks cost ${bytes(lastHourBytes)} in the last hour${budget}, ${bytes(sinceStartBytes)} since start${pace}`;
}

/** Round trips differ by fractions of a millisecond, which `duration` rounds away. */
function milliseconds(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

function carried({ count: all, stranded }: ConnectionCount): string {
  const opened = count(all, 'connection');
  return stranded === 0 ? opened : `${opened}, ${stranded} stranded: new ones begin elsewhere`;
}

function place({ binding, interfaceName }: PathSnapshot): string {
  if (binding === undefined) return `no path through ${interfaceName} now`;
  const via = binding.gateway === undefined ? ', without gateway' : ` via ${binding.gateway}`;
  return `${binding.address}${via}`;
}
