/** Runs in the thread of the module hooks, where tsx has its transformer; see `transformer.ts`. */
import { createRequire, type LoadHook } from 'node:module';

const restAfterMs = 1000;

/** The part of esbuild that ends its process. It starts another when there is something to transform again. */
type Esbuild = { readonly stop: () => unknown };

let esbuild: Esbuild | undefined;
let timer: NodeJS.Timeout | undefined;

/** `tsx`: the URL of its module, whose esbuild is the one that is running. */
export function initialize(tsx: string): void {
  esbuild = createRequire(tsx)('esbuild') as Esbuild; // its own type has a promise of no use here
  rest();
}

/** After the last module of a bunch the transformer has nothing to do. */
export const load: LoadHook = async (url, context, nextLoad) => {
  try {
    return await nextLoad(url, context);
  } finally {
    rest();
  }
};

function rest(): void {
  clearTimeout(timer);
  timer = setTimeout(() => esbuild?.stop(), restAfterMs);
}
