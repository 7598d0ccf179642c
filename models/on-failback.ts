/**
 * What happens to a provider's connections when traffic goes back to a better one: they finish where they are (`soft`),
 * they may for a while (`drain`), or they are cut so that they start over (`hard`).
 */
export type OnFailback =
  | { readonly kind: 'soft' | 'hard' }
  | { readonly kind: 'drain'; readonly afterMs: number };
