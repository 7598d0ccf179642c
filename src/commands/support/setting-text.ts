import type { Config, Downlinks, StickyClients } from '../../../models/config.ts';
import { hexMark } from '../../../models/mark.ts';
import type { OnFailback } from '../../../models/on-failback.ts';
import { spellDuration } from '../../config/values/duration.ts';

/** What is shown of settings that are more than a word or a number, in the words a configuration has for them. */
export function settingText(config: Config, name: string): string | undefined {
  const { frr, excludes, fwmarkMask, stickyClients, downlinks, externalMarks } = config;
  const texts = new Map<string, () => string | undefined>([
    ['backend', () => (frr === undefined ? 'kernel' : 'frr')],
    ['frr', () => (frr === undefined ? 'none' : `pathspace ${frr.pathspace ?? 'none'}, tag ${frr.tag}`)],
    ['excludes', () => listText(excludes)],
    ['fwmarkMask', () => hexMark(fwmarkMask)],
    ['stickyClients', () => clientsText(stickyClients)],
    ['downlinks', () => downlinksText(downlinks)],
    ['connectionMarks', () => (externalMarks === true ? 'external' : undefined)],
  ]);
  return texts.get(name)?.();
}

/** What is shown of a list. */
export function listText(values: readonly unknown[]): string {
  return values.length === 0 ? 'none' : values.join(', ');
}

/** What is shown of what happens to a provider's connections. */
export function failbackText(what: OnFailback): string {
  return what.kind === 'drain' ? `drain ${spellDuration(what.afterMs)}` : what.kind;
}

function clientsText(clients: StickyClients | undefined): string {
  return clients === undefined ? 'none' : `by ${clients.by}, timeout ${spellDuration(clients.timeoutMs)}`;
}

function downlinksText({ lan, dmz }: Downlinks): string {
  return `lan ${listText(lan)}; dmz ${listText(dmz)}`;
}
