import type { Config } from '../../../models/config.ts';
import { markStep } from '../../../models/mark.ts';
import { renamedProviders } from '../binding/renamed.ts';

/**
 * The next configuration, with the marks that its providers had in the previous one as far as they fit: marks
 * depend on the place in the list, and connections must not move to another provider because the list
 * changed. Pattern providers are marked from the same number on as before. An operator's own firewall uses
 * the marks of the list as written.
 */
export function keepMarks(before: Config, next: Config): Config {
  if (before.fwmarkMask !== next.fwmarkMask || next.externalMarks === true) return next;
  const found = next.patterns === undefined ? undefined : firstFound(before);
  const kept = keptMarks(before, next, found);
  const taken = new Set(kept.values());
  const free = freeMarks(next, { taken, found });
  const providers = next.providers.map((provider) => ({
    ...provider,
    mark: kept.get(provider.id) ?? free.next().value ?? provider.mark,
  }));
  if (found === undefined) return { ...next, providers };
  const patterns = (next.patterns ?? []).map((pattern) => ({
    ...pattern,
    template: { ...pattern.template, mark: found },
  }));
  return { ...next, providers, patterns };
}

/** The first mark of pattern providers, the same for all patterns; undefined without patterns. */
function firstFound({ patterns }: Config): number | undefined {
  return patterns?.[0]?.template.mark;
}

function keptMarks(before: Config, next: Config, found: number | undefined): Map<string, number> {
  const earlier = new Map(before.providers.map(({ id, mark }) => [id, mark]));
  const renamed = renamedProviders(before, next);
  const numbered = new Set(next.providers.map(({ mark }) => mark));
  const kept = new Map<string, number>();
  for (const { id } of next.providers) {
    const mark = earlier.get(renamed.get(id) ?? id);
    // New patterns number their devices after the listed providers.
    const fits = found !== undefined || next.patterns === undefined;
    if (mark !== undefined && (fits || numbered.has(mark))) kept.set(id, mark);
  }
  return kept;
}

/** Marks for providers that keep none: those of the list; with patterns, also free ones from the top down. */
function* freeMarks(
  { providers, fwmarkMask }: Config,
  { taken, found = Number.POSITIVE_INFINITY }: { taken: ReadonlySet<number>; found: number | undefined },
): Generator<number, undefined> {
  for (const { mark } of providers) if (mark < found && !taken.has(mark)) yield mark;
  for (let mark = fwmarkMask; mark > found; mark -= markStep(fwmarkMask)) if (!taken.has(mark)) yield mark;
}
