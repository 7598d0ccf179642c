/** The valid values, and an issue for each invalid place; unknown keys are left to the caller. */
export interface Reviewed<T> {
  readonly values: T;
  readonly faults: readonly SchemaIssue[];
}

/** What is wrong at one place. `unknownKeys`: those within it. */
export interface SchemaIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly unknownKeys: readonly string[];
  readonly choices: readonly string[] | undefined; // what is allowed here, if that is a choice
}

/** The issue's place, below `path`: `excludes[2]`, `tls.ca`. */
export function placeOf({ path: parts }: SchemaIssue, path: string): string {
  return parts.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
    path,
  );
}

/** The value at that place of `all`, the validated input. */
export function foundAt({ path: parts }: SchemaIssue, all: unknown): unknown {
  return parts.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    all,
  );
}
