/** What this process has open, for tests that look for leaks. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const tables = ['tcp', 'tcp6', 'udp', 'udp6', 'unix', 'netlink'];

/** The open descriptors, one line each: number, target, and a socket's kind. */
export function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    const target = targetOf(fd);
    return target === undefined ? [] : [`${fd} ${target} ${tableOf(target) ?? ''}`.trim()];
  });
}

/** Those that were not open `before`. */
export function openedSince(before: readonly string[]): string[] {
  const known = new Set(before.map(identity));
  return openDescriptors().filter((line) => !known.has(identity(line)));
}

/** Without the kind of a socket, which depends on its state. */
function identity(line: string): string {
  return line.split(' ', 2).join(' ');
}

/** The TCP and UDP sockets among them that have a local port. */
export function openSockets(): string[] {
  return openDescriptors().filter((line) => / socket:\[\d+\] (tcp|udp)6?$/.test(line));
}

function targetOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined; // the one used to read the folder
  }
}

/** The kernel's table that lists a socket: 'udp'. A TCP socket that is not connected may be in none. */
function tableOf(target: string): string | undefined {
  const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
  if (inode === undefined) return undefined;
  const entry = new RegExp(` ${inode}\\s`);
  return tables.find((table) => entry.test(readFileSync(`/proc/net/${table}`, 'utf8')));
}
