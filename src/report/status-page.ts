/** The state of everything on one page, as `failover status` prints it. */
import type { Snapshot, Trial } from '../../models/snapshot.ts';
import { duration, familyName } from '../core/format.ts';
import { providerLines } from './provider-lines.ts';
import { moment, paint, plain, type TerminalStyle, wrap } from './terminal.ts';

/** Renders a snapshot in lines of at most `look.columns`. */
export function statusPage(snapshot: Snapshot, look: TerminalStyle): string {
  const sections = [
    heading(snapshot, look),
    providers(snapshot, look),
    troubles(snapshot, look),
    means(snapshot, look),
    last(snapshot, look),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function heading(snapshot: Snapshot, look: TerminalStyle): string[] {
  const { at, startedAt, pid, version, configFile, sticky, active, trial } = snapshot;
  const traffic = ([4, 6] as const)
    .filter((family) => active[family].length > 0)
    .map((family) => `${familyName(family)} goes through ${active[family].join(', ')}`);
  const carried = traffic.length === 0 ? 'No provider carries traffic.' : `${traffic.join('; ')}.`;
  return [
    ...wrap(
      `failover ${version}, process ${pid}, up ${duration(at - startedAt)}, configured by ${configFile}`,
      '',
      look,
    ),
    ...wrap(carried, '', look).map((line) => paint('strong', line, look)),
    ...(sticky === undefined
      ? []
      : wrap(pinned(sticky, at), '', look).map((line) => paint('warn', line, look))),
    ...(trial === undefined
      ? []
      : wrap(onTrial(trial, at), '', look).map((line) => paint('warn', line, look))),
  ];
}

function pinned({ id, until }: NonNullable<Snapshot['sticky']>, at: number): string {
  const end =
    until === undefined ? '' : ` until ${moment(until)} (${duration(Math.max(0, until - at))} left)`;
  return `Pinned to ${id}${end}; 'failover unpin' ends it.`;
}

function onTrial({ file, until }: Trial, at: number): string {
  const left = duration(Math.max(0, until - at));
  return `On trial: ${file}, ${left} left; 'failover confirm' keeps it, 'failover revert' ends it.`;
}

function providers({ paths, at }: Snapshot, look: TerminalStyle): string[] {
  const ids = [...new Set(paths.map(({ provider }) => provider))];
  return ids.flatMap((id) =>
    providerLines(
      id,
      paths.filter(({ provider }) => provider === id),
      at,
      look,
    ),
  );
}

function troubles({ at, deadTargets, probing, drift }: Snapshot, look: TerminalStyle): string[] {
  const dead = deadTargets.map(({ family, target, since, relapses = 0 }) => {
    const name = `Target '${target}' (${familyName(family)})`;
    const time = duration(at - since);
    return relapses === 0
      ? `${name} has been dead for ${time} and set aside: it fails through every provider.`
      : `${name} answers only now and then, and has been set aside for ${time}.`;
  });
  const means =
    probing.means !== 'ping program'
      ? []
      : [`Echoes are sent by the ping program: ${probing.reason ?? 'no reason is known'}.`];
  return [...drift, ...dead, ...means].flatMap((sentence) => {
    const [first = '', ...rest] = wrap(sentence, '  ', look);
    return [paint('warn', `!${first.slice(1)}`, look), ...rest.map((line) => paint('warn', line, look))];
  });
}

/** Worth a line, but nothing to worry about. */
function means({ probing }: Snapshot, look: TerminalStyle): string[] {
  if (probing.means !== 'raw sockets') return [];
  const sentence = 'Echoes are sent by raw sockets, since ping sockets are not permitted.';
  return wrap(sentence, '', look).map((line) => paint('faint', line, look));
}

function last({ lastDecision }: Snapshot, look: TerminalStyle): string[] {
  if (lastDecision === undefined) return [];
  const { at, sentence, reason } = lastDecision;
  const text = `Last decision, ${moment(at)}: ${plain(sentence)}${reason === '' ? '' : ` (${reason})`}`;
  return wrap(text, '', look).map((line) => paint('faint', line, look));
}
