/**
 * Kills what programs leave behind. `timeout(1)` creates its own process group, `setsid(1)` a session, a double fork
 * loses its parent: no signal to a group reaches those. So this process is the subreaper of everything it starts
 * (prctl(2), PR_SET_CHILD_SUBREAPER): an orphan becomes our child, where it is found, killed and reaped, round after
 * round until none is left. (Node reaps only what it started itself.)
 *
 *   a child of ours                                       belongs to
 *   ───────────────────────────────────────────────────   ──────────────────────────────────────────────────────────
 *   in our own session, or the leader of a run            Node: it is left alone
 *   in the session of a run, or with its mark             that run: it is left alone
 *   with the mark of a run that has ended; a zombie       nothing: it is killed
 *   in a session of its own, in a cleared environment     any run older than it; if there is none, nothing
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { type Libc, loadLibc } from './koffi.ts';

/** A running program, in a session of its own. */
export interface ProgramRun {
  readonly leader: number; // its process, and so its session
  readonly mark: string; // value of `markVariable` in its environment
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly isZombie: boolean;
  readonly began: number; // in clock ticks since boot
}

const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;
const firstRoundMs = 5; // doubled after each round that still finds something
const longestRoundMs = 1000; // a process in uninterruptible sleep dies only when it wakes

/** The environment variable with the mark of the run that a process belongs to. */
export const markVariable = 'FAILOVER_RUN';

/** The prefix of the marks of this process's runs, and of no other's. */
export const ownMarks = `${randomUUID()}.`;

export class StrayProcesses {
  readonly #runs = new Map<ProgramRun, number>(); // in progress, and when each began
  readonly #libc = becomeSubreaper();
  readonly #session = readProcess(process.pid)?.session;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  /** The mark of the next run. */
  nextMark(): string {
    this.#count += 1;
    return `${ownMarks}${this.#count}`;
  }

  /** Registers a program that was just started. */
  add(run: ProgramRun): void {
    this.#runs.set(run, readProcess(run.leader)?.began ?? 0);
  }

  /** Its leader has ended, or was killed: kills what it left, now and until nothing is left. */
  end(run: ProgramRun): void {
    this.#runs.delete(run);
    this.#round(firstRoundMs);
  }

  #round(nextMs: number): void {
    clearTimeout(this.#timer);
    const strays = this.#candidates().filter((each) => this.#isStray(each));
    for (const { pid, isZombie } of strays) {
      if (isZombie) this.#libc?.waitpid(pid, null, WNOHANG);
      else kill(pid);
    }
    if (strays.length === 0) return;
    this.#timer = setTimeout(() => this.#round(Math.min(nextMs * 2, longestRoundMs)), nextMs).unref();
  }

  /** Our children. Where libc cannot be called we adopt none: then all processes, by their marks. */
  #candidates(): readonly Process[] {
    const pids = (this.#libc && childrenOfOurs()) ?? readdirSync('/proc');
    const found = pids.flatMap((name) => readProcess(Number(name)) ?? []);
    return this.#libc === undefined ? found : found.filter(({ parent }) => parent === process.pid);
  }

  #isStray({ pid, session, isZombie, began }: Process): boolean {
    const runs = [...this.#runs];
    if (session === this.#session || runs.some(([{ leader }]) => leader === session)) return false;
    if (isZombie) return this.#libc !== undefined;
    const marked = markOf(pid);
    if (runs.some(([{ mark }]) => mark === marked)) return false;
    if (marked?.startsWith(ownMarks) === true) return true;
    return this.#libc !== undefined && runs.every(([, since]) => since > began);
  }
}

/** Undefined where libc cannot be called. */
function becomeSubreaper(): Libc | undefined {
  try {
    const libc = loadLibc();
    return libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) === 0 ? libc : undefined;
  } catch {
    return undefined; // no koffi for this machine: strays are found by their marks alone
  }
}

/** The kernel gives adopted processes to the main thread. Undefined where it lacks the file (CONFIG_PROC_CHILDREN). */
function childrenOfOurs(): readonly string[] | undefined {
  return read(`/proc/self/task/${process.pid}/children`)
    ?.split(' ')
    .filter((pid) => pid !== '');
}

/** See proc_pid_stat(5); undefined when there is no such process. */
function readProcess(pid: number): Process | undefined {
  const stat = Number.isInteger(pid) ? read(`/proc/${pid}/stat`) : undefined;
  if (stat === undefined) return undefined;
  const [state, parent, , session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    isZombie: state === 'Z',
    began: Number(rest[15]),
  };
}

/** Undefined when it has none, or we may not read its environment. */
function markOf(pid: number): string | undefined {
  const entries = read(`/proc/${pid}/environ`)?.split('\0');
  return entries?.find((entry) => entry.startsWith(`${markVariable}=`))?.slice(markVariable.length + 1);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined; // it has ended, or is another user's
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: it has ended. EPERM: it is another user's, which only root could kill
  }
}
