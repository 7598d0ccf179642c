import type { Config } from '../../models/config.ts';

/**
 * The next configuration with the marks that its providers have in the one before, as far as they fit: marks follow from
 * places in the list, and connections must not become another provider's because the list changed.
 */
export function keepMarks(before: Config, next: Config): Config {
  if (before.fwmarkMask !== next.fwmarkMask) return next;
  const earlier = new Map(before.providers.map(({ id, mark }) => [id, mark]));
  const numbered = new Set(next.providers.map(({ mark }) => mark));
  // What comes after them may belong to devices that are found by pattern.
  const mayKeep = (mark: number | undefined): mark is number =>
    mark !== undefined && (numbered.has(mark) || next.patterns === undefined);
  const kept = new Map<string, number>();
  for (const { id } of next.providers) {
    const mark = earlier.get(id);
    if (mayKeep(mark)) kept.set(id, mark);
  }
  const taken = new Set(kept.values());
  const free = [...numbered].filter((mark) => !taken.has(mark));
  // There are as many numbers as providers, so there is a free one for each that keeps none.
  const providers = next.providers.map((provider) => ({
    ...provider,
    mark: kept.get(provider.id) ?? free.shift() ?? provider.mark,
  }));
  return { ...next, providers };
}
