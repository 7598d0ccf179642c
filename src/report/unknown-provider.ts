/** What to say of an id that no provider has. `near`: the id that was probably meant. */
export function unknownProvider(id: string, known: readonly string[], near: string | undefined): string {
  const hint = near === undefined ? '.' : `; did you mean '${near}'?`;
  return `no provider has the id '${id}'${hint} There are: ${known.join(', ')}`;
}
