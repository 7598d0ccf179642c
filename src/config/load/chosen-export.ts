/** The configuration that a module exports, and its other exports. */
export interface ChosenExport {
  readonly value: unknown; // undefined: it exports nothing
  readonly others: Readonly<Record<string, unknown>>; // named exports that are not part of the value
}

/** Chooses the default export if there is one, otherwise all exports that are not functions or classes. */
export async function chooseExport(exported: object): Promise<ChosenExport> {
  const named = Object.fromEntries(Object.entries(exported).filter(([key]) => key !== 'default'));
  const fallback: unknown = 'default' in exported ? exported.default : undefined;
  const value = await unwrap(fallback); // `export default load()` gives a promise
  const settings = Object.entries(named).filter(([, each]) => typeof each !== 'function');
  if (settings.length > 0 && (value === undefined || isEmpty(value)))
    return { value: Object.fromEntries(settings), others: {} };
  const hasOthers = Object.keys(named).length > 0 && !isCommonJs(fallback, named); // which runs getters
  return { value, others: hasOthers ? named : {} };
}

/** Whether a value is an object without any property: what CommonJS exports when nothing is assigned. */
export function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** In CommonJS, tsx may wrap an `export default` once more. */
function unwrap(exported: unknown): unknown {
  const isWrapped =
    typeof exported === 'object' && exported !== null && '__esModule' in exported && 'default' in exported;
  return isWrapped ? exported.default : exported;
}

/** Node names the properties of `module.exports` as exports too. */
function isCommonJs(fallback: unknown, named: Readonly<Record<string, unknown>>): boolean {
  if (typeof fallback !== 'object' || fallback === null) return false;
  const whole = new Map<string, unknown>(Object.entries(fallback));
  return Object.entries(named).every(
    ([key, value]) => key === '__esModule' || key === 'module.exports' || whole.get(key) === value,
  );
}
