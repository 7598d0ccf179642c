/** The values that are right, and a fault per place that is not; keys that no field has are left to the caller. */
export interface Reviewed<T> {
  readonly values: T;
  readonly faults: readonly SchemaIssue[];
}

/** What is wrong at one place. `unknownKeys` are inside it. */
export interface SchemaIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly unknownKeys: readonly string[];
  readonly choices: readonly string[] | undefined; // what may stand here instead, where that is a choice
}

/** Where it is, below the place `path`: `excludes[2]`, `tls.ca`. */
export function placeOf({ path: parts }: SchemaIssue, path: string): string {
  return parts.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
    path,
  );
}

/** The value there, in `all` that was judged. */
export function foundAt({ path: parts }: SchemaIssue, all: unknown): unknown {
  return parts.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    all,
  );
}
