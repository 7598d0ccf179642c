/**
 * Names of routing tables for people: `ip route show table fibre`. A name or number must mean the same table
 * to every program.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of an rt_tables file. */
export interface Table {
  readonly id: number;
  readonly name: string;
}

/** The name of the table with the active routes, in layout `table`; its number is `activeTableId`. */
export const activeTableName = 'failover-active';

/** The file that lists ours. */
export const tablesFile = '/etc/iproute2/rt_tables.d/failover.conf';

/** The content of `tablesFile`. */
export function tablesText(tables: readonly Table[]): string {
  const lines = tables.map(({ id, name }) => `${id}\t${name}\n`);
  return `# Written by failover's install, from its configuration; removed by its uninstall.\n${lines.join('')}`;
}

/**
 * The tables that other files under `root` list, with the file of each (iproute2's rt_names.c reads these
 * places).
 */
export function othersTables(root = '/'): readonly (Table & { readonly file: string })[] {
  const files = ['/usr/share/iproute2', '/usr/lib/iproute2', '/etc/iproute2'].flatMap((folder) => [
    `${folder}/rt_tables`,
    ...list(join(root, folder, 'rt_tables.d')).map((name) => `${folder}/rt_tables.d/${name}`),
  ]);
  return files
    .filter((file) => file !== tablesFile && existsSync(join(root, file)))
    .flatMap((file) =>
      parseTables(readFileSync(join(root, file), 'utf8')).map((table) => ({ ...table, file })),
    );
}

/** The tables in an rt_tables file; numbers may be decimal or hexadecimal. */
export function parseTables(text: string): readonly Table[] {
  return text.split('\n').flatMap((line) => {
    const [, number, name] = /^\s*(0x[0-9a-f]+|\d+)\s+([^\s#]+)/i.exec(line) ?? [];
    return number === undefined || name === undefined ? [] : [{ id: Number(number), name }];
  });
}

/**
 * One sentence for each id or name of ours that another file uses differently. The same line twice is
 * harmless.
 */
export function tableConflicts(
  ours: readonly Table[],
  others: readonly (Table & { readonly file: string })[],
): readonly string[] {
  return ours.flatMap(({ id, name }) =>
    others
      .filter((other) => (other.id === id) !== (other.name === name))
      .map((other) => {
        const [setting, what] =
          other.id === id ? ['rtTableId', `table ${id}`] : ['rtTableName', `the name "${name}"`];
        const remedy =
          name === activeTableName ? 'set activeTableId to another' : `give the provider another ${setting}`;
        return `${what} is used by someone else: ${other.file} has "${other.id} ${other.name}"; ${remedy}`;
      }),
  );
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.conf')) : [];
}
