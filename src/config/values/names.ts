import { idPattern } from '../../../models/provider.ts';
import type { ParseResult } from './address.ts';

const reservedTableNames = ['unspec', 'default', 'main', 'local', 'all', 'cache'];
const reservedTableIds: Readonly<Record<number, string>> = {
  0: 'unspec',
  253: 'default',
  254: 'main',
  255: 'local',
};

/** The largest table id or metric that the kernel accepts. */
export const maxUint32 = 0xffff_ffff;

/** Reads a provider id. */
export function readId(text: string): ParseResult<string> {
  if (idPattern.test(text)) return { value: text };
  return { rule: "must be 1 to 32 letters, digits, '.', '_' or '-', beginning with a letter or digit" };
}

/**
 * Reads an interface name as the kernel does (linux net/core/dev.c dev_valid_name), minus what `ip -batch`
 * splits at.
 */
export function readInterfaceName(text: string): ParseResult<string> {
  if (text === 'lo') return { rule: "must be the provider's interface; 'lo' is this machine itself" };
  if (Buffer.byteLength(text) > 15) return { rule: 'must be at most 15 bytes long, as the kernel demands' };
  const wellFormed =
    /^[^\s/:"'`\\#*$%&|;<>()!?]+$/.test(text) && !/\p{Cc}/u.test(text) && !text.startsWith('-');
  if (!wellFormed || ['.', '..', 'all', 'default'].includes(text))
    return { rule: "must be the name of an interface as 'ip link' shows it, such as 'eth1'" };
  return { value: text };
}

/** Reads the name of a provider's table in rt_tables. A numeric name would hide the table with that number. */
export function readTableName(text: string): ParseResult<string> {
  if (reservedTableNames.includes(text))
    return { rule: `must not be one of the kernel's own tables (${reservedTableNames.join(', ')})` };
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text) || isNumber(text))
    return {
      rule: "must be 1 to 63 letters, digits, '.', '_' or '-', beginning with a letter or digit, and no number",
    };
  return { value: text };
}

/** The table name of a provider that sets none: its id, if that is a valid table name. */
export function tableNameFor(id: string): string {
  return 'value' in readTableName(id) ? id : `failover-${id}`;
}

/** The name of the table with this number, if every kernel reserves it. */
export function reservedTable(id: number): string | undefined {
  return reservedTableIds[id];
}

/** Reads the name of the file with the operator's pin. */
export function readStickyFilename(text: string): ParseResult<string> {
  if (text === '' || text.includes('\0') || /(^|\/)\.{0,2}$/.test(text) || Buffer.byteLength(text) > 4000)
    return { rule: "must be the name of a file, not of a folder, such as 'sticky.provider'" };
  return { value: text };
}

/** Reads the name of an FRRouting instance: it becomes part of a path. */
export function readPathspace(text: string): ParseResult<string> {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) return { value: text };
  return { rule: "must be the name of an FRRouting instance, as in 'vtysh -N NAME'" };
}

function isNumber(text: string): boolean {
  return Number.isFinite(Number(text));
}
