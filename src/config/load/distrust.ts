import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The users and groups, by number, who may write to what root reads. */
interface Trusted {
  readonly users: readonly number[];
  readonly groups: readonly number[];
}

/** What is wrong with a file or folder, and the command that fixes it. */
interface Fault {
  readonly reason: string;
  readonly remedy: string;
}

const mostLinks = 40; // the kernel's own limit, path_resolution(7)

/**
 * Why root must not read a configuration, which decides what root runs, and what to do; undefined when it
 * may, or when this process is not root. Root and the user behind sudo are trusted; no one else may own or
 * write to the file, a link to it, or a folder above them. A sticky folder (/tmp) may be writable by all:
 * only its owner can replace a file in it, and that owner is checked.
 */
export function distrust(file: string): string | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const trusted = trustedHere();
  for (const path of stepsTo(resolve(file))) {
    const fault = faultOf(path, lstatSync(path), trusted);
    if (fault === undefined) continue;
    const what = path === resolve(file) ? 'it' : path;
    return `is not read as root: ${what} ${fault.reason}, which would let others decide what root runs; fix it with: ${fault.remedy}`;
  }
  return undefined;
}

function faultOf(path: string, stats: Stats, { users, groups }: Trusted): Fault | undefined {
  const { uid, gid, mode } = stats;
  if (!users.includes(uid)) return { reason: `belongs to user ${uid}`, remedy: `chown -h root ${path}` };
  const isSticky = stats.isDirectory() && (mode & 0o1000) !== 0;
  if (stats.isSymbolicLink() || isSticky) return undefined;
  if ((mode & 0o002) !== 0) return { reason: 'is writable by everyone', remedy: `chmod go-w ${path}` };
  if ((mode & 0o020) !== 0 && !groups.includes(gid))
    return { reason: `is writable by group ${gid}`, remedy: `chmod g-w ${path}` };
  return undefined;
}

/** Everything looked up to reach a file, the topmost folder first; links are followed, and are steps too. */
function stepsTo(file: string): readonly string[] {
  const steps = new Set<string>(['/']);
  const rest = file.split('/').filter((name) => name !== '');
  let folder = '/';
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const path = join(folder, name);
    steps.add(path);
    if (lstatSync(path).isSymbolicLink() && links++ < mostLinks) {
      rest.unshift(
        ...resolve(dirname(path), readlinkSync(path))
          .split('/')
          .filter((part) => part !== ''),
      );
      folder = '/';
    } else folder = path;
  }
  return [...steps];
}

/**
 * Root, and the user that sudo names, with the group of the same number: that user's own on Debian. In a user namespace
 * also the users outside, who appear as one: `/` is theirs, and the namespace's root can do no more than they allow.
 */
function trustedHere(): Trusted {
  const { SUDO_UID, SUDO_GID } = process.env;
  const behindSudo = SUDO_UID === undefined ? [] : [Number(SUDO_UID)];
  const ownGroup = SUDO_GID !== undefined && SUDO_GID === SUDO_UID ? [Number(SUDO_GID)] : [];
  const outside = isWholeMap() ? [] : [Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'))];
  const outsideGroups =
    outside.length === 0 ? [] : [Number(readFileSync('/proc/sys/kernel/overflowgid', 'utf8'))];
  return { users: [0, ...behindSudo, ...outside], groups: [0, ...ownGroup, ...outsideGroups] };
}

/** Whether every user of the machine is mapped here, user_namespaces(7). */
function isWholeMap(): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
}
