/** The number of a group in the text of group(5); a number is returned as it is. */
export function groupId(groups: string, name: string): number | undefined {
  if (/^\d{1,9}$/.test(name)) return Number(name);
  const id = rows(groups).find((row) => row[0] === name)?.[2];
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
}

/** The name of a group in the text of group(5). */
export function groupName(groups: string, id: number): string | undefined {
  return rows(groups).find((row) => row[2] === String(id))?.[0];
}

function rows(groups: string): string[][] {
  return groups.split('\n').map((line) => line.split(':'));
}
