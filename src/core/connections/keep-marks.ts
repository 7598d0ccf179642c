import type { Config } from '../../../models/config.ts';
import { markStep } from '../../../models/mark.ts';
import { renamedProviders } from '../binding/renamed.ts';

/**
 * The next configuration with the marks that its providers have in the one before, as far as they fit: marks follow from
 * places in the list, and connections must not become another provider's because the list changed. What patterns find is
 * marked from the same number on as before. A firewall of the operator's own has the marks of the list as it is written.
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

/** The first mark of what patterns find, one for all of them; undefined without patterns. */
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
    // Patterns that are new number what they find after the named ones.
    const fits = found !== undefined || next.patterns === undefined;
    if (mark !== undefined && (fits || numbered.has(mark))) kept.set(id, mark);
  }
  return kept;
}

/** Marks for providers that keep none: those of the list, and where others come after these already, from the last one down. */
function* freeMarks(
  { providers, fwmarkMask }: Config,
  { taken, found = Number.POSITIVE_INFINITY }: { taken: ReadonlySet<number>; found: number | undefined },
): Generator<number, undefined> {
  for (const { mark } of providers) if (mark < found && !taken.has(mark)) yield mark;
  for (let mark = fwmarkMask; mark > found; mark -= markStep(fwmarkMask)) if (!taken.has(mark)) yield mark;
}
