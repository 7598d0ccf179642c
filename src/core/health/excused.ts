/** In which words a figure is not held against a line. */
import type { Config } from '../../../models/config.ts';
import type { Limits } from '../../../models/setting.ts';
import { duration, percent } from '../format.ts';
import type { PathState } from '../state/state.ts';
import { loadBehind, loadWords } from './load.ts';
import { lossOf } from './loss.ts';

/** `'RTT 1.1 s (limit 400 ms), not held against it: 18 of 20 Mbit/s were sent'`; one for each figure. */
export function excusedBy(path: PathState, { loss, rtt, jitter }: Config): readonly string[] {
  const load = loadBehind(path);
  if (load === undefined) return [];
  const figure = (
    name: string,
    value: number | undefined,
    limits: Limits<number> | 'none' | undefined,
    show: (value: number) => string,
  ): readonly string[] => {
    if (value === undefined || limits === undefined || limits === 'none') return [];
    if (value <= limits.down) return [];
    const { whileLoaded = 'ignore' } = limits;
    if (whileLoaded !== 'ignore' && value > whileLoaded.down) return [];
    return [`${name} ${show(value)} (limit ${show(limits.down)}), not held against it: ${loadWords(load)}`];
  };
  return [
    ...figure('loss', lossOf(path)?.ratio, loss, percent),
    ...figure('RTT', path.window.rttMs, rtt, duration),
    ...figure('jitter', path.window.jitterMs, jitter, duration),
  ];
}
