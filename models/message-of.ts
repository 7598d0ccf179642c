/** The message of a caught error: anything can be thrown, though most of it is an `Error`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
