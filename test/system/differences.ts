/** The lines that differ between two listings, for a message a person can read. */
export function differences(before: string, after: string): string[] {
  const [one, other] = [before, after].map((text) => new Set(text.split('\n')));
  return [
    ...[...(one ?? [])].filter((line) => !other?.has(line)).map((line) => `- ${line}`),
    ...[...(other ?? [])].filter((line) => !one?.has(line)).map((line) => `+ ${line}`),
  ];
}
