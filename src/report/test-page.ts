/** What `failover test` prints: every layer of each path, from the bottom up, and the first broken one. */
import type { TargetResult } from '../../models/event.ts';
import type { Layer, PathMtu } from '../../models/layer.ts';
import type { Modem } from '../../models/modem.ts';
import type { Binding, PathKey } from '../../models/path.ts';
import { isNotRun, type TestResult } from '../../models/test-result.ts';
import { mtuRemark } from '../core/health/cause.ts';
import { radioFault, radioWords } from '../core/health/radio.ts';
import { paint, plain, type TerminalStyle, type Tone } from './terminal.ts';

/** One provider in one family, with what each scenario found, or why none could run. */
export interface Tested {
  readonly path: PathKey;
  readonly interfaceName: string;
  readonly binding: Binding | undefined;
  readonly layer: Layer | undefined; // the first that broke
  readonly cause?: string | undefined; // what is known about it
  readonly obstacle: string | undefined; // why nothing could be probed
  readonly gateway?: TestResult;
  readonly targets: readonly (TargetResult & { readonly layer: Layer })[]; // by layer
  readonly mtu?: PathMtu;
  readonly modem?: Modem; // of its device
}

/** The lines of the page. */
export function testPage(
  tested: readonly Tested[],
  { means, reason }: { readonly means: string; readonly reason: string | undefined },
  look: TerminalStyle,
): string[] {
  const lines = tested.flatMap((path) => [path.path, ...pathLines(path, look), verdict(path, look)]);
  return [...lines, `probing by ${means}${reason === undefined ? '' : `: ${reason}`}`];
}

function pathLines(tested: Tested, look: TerminalStyle): string[] {
  const { obstacle, layer, interfaceName } = tested;
  const radio = radioLines(tested, look);
  if (obstacle === undefined) return [...radio, ...ground(tested, look), ...above(tested, look)];
  const isThere = layer !== 'carrier' && layer !== 'radio';
  const passed = isThere ? [line('ok', `carrier  ${interfaceName}`, look)] : [];
  return [...radio, ...passed, line('failed', `cannot be checked: ${obstacle}`, look)];
}

function radioLines({ modem }: Tested, look: TerminalStyle): string[] {
  if (modem === undefined) return [];
  const fault = radioFault(modem);
  return [line(fault === undefined ? 'ok' : 'failed', `radio    ${fault ?? radioWords(modem)}`, look)];
}

/** The path's binding and gateway. */
function ground({ binding, interfaceName, gateway }: Tested, look: TerminalStyle): string[] {
  const own = [
    line('ok', `carrier  ${interfaceName}`, look),
    line('ok', `address  ${binding?.address}`, look),
  ];
  const address = binding?.gateway;
  if (address === undefined || gateway === undefined)
    return [...own, line('none', `gateway  ${interfaceName} needs none`, look)];
  if (gateway.ok)
    return [...own, line('ok', `gateway  ${address} answers in ${gateway.rttMs.toFixed(1)} ms`, look)];
  return [...own, line(isNotRun(gateway) ? 'not run' : 'failed', `gateway  ${gateway.reason}`, look)];
}

function above({ targets, mtu, interfaceName }: Tested, look: TerminalStyle): string[] {
  return [
    ...targets.map(({ target, result }) =>
      result.ok
        ? line('passed', `${target}  ${result.rttMs.toFixed(1)} ms`, look)
        : line(isNotRun(result) ? 'not run' : 'failed', `${target}  ${result.reason}`, look),
    ),
    mtuLine(mtu, interfaceName, look),
  ];
}

function mtuLine(mtu: PathMtu | undefined, interfaceName: string, look: TerminalStyle): string {
  if (mtu === undefined) return line('not run', 'path MTU  not measured: no target answered an echo', look);
  const remark = mtuRemark(mtu, interfaceName);
  if (remark !== undefined) return line('remark', `path MTU  ${remark}`, look);
  return line('ok', `path MTU  a packet of ${mtu.size} bytes passes to ${mtu.target}`, look);
}

function verdict({ layer, cause, obstacle, targets }: Tested, look: TerminalStyle): string {
  const failed = targets.filter(({ result }) => !result.ok).length;
  if (layer !== undefined) {
    const words = cause ?? obstacle;
    return paint('bad', `  broke at: ${layer}${words === undefined ? '' : `, ${plain(words)}`}`, look);
  }
  if (obstacle !== undefined) return paint('bad', `  broke: ${plain(obstacle)}`, look);
  if (failed === 0) return paint('good', '  every layer works', look);
  return paint(
    'warn',
    `  every layer works, though ${failed} of ${targets.length} scenarios did not pass`,
    look,
  );
}

const tones: Readonly<Record<string, Tone>> = { ok: 'good', passed: 'good', failed: 'bad' };

function line(state: string, text: string, look: TerminalStyle): string {
  return `  ${paint(tones[state] ?? 'warn', state.padEnd(7), look)} ${plain(text)}`;
}
