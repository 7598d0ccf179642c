/** The one file that starts processes: program and argument list, no shell, `LC_ALL=C`, always a timeout. */
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  type ExecFileException,
  execFile,
  spawn,
} from 'node:child_process';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { beginningOf } from './beginning-of.ts';
import { markVariable, ownMarks, StrayProcesses } from './stray-processes.ts';
import { guardScript, tiedScript } from './when-we-end.ts';

/** How a program that ran to its end came out. */
export interface Outcome {
  readonly code: number; // exit status; 128 + signal number when a signal ended it
  readonly stdout: string;
  readonly stderr: string;
}

/** A program could not be run to its end: it is missing, not permitted, or took too long. */
export class ExecError extends Error {
  readonly program: string;
  readonly missing: boolean;

  constructor(program: string, message: string, options: { cause?: unknown; missing?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.program = program;
    this.missing = options.missing ?? false;
  }
}

/**
 * Runs a program to its end and returns how it ended, whatever its exit status.
 * `timeoutMs` @default 5000. @throws {ExecError} when it is missing, not permitted, or takes too long
 */
export function run(
  program: string,
  args: readonly string[],
  options: { timeoutMs?: number; input?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const { timeoutMs = 5000, input, env } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 256 << 20, env: cleanEnvironment(env) },
      (error, stdout, stderr) => {
        const code = exitStatus(error);
        if (code !== undefined && !child.killed) resolve({ code, stdout, stderr });
        else if (child.killed)
          reject(new ExecError(program, `${program} did not end within ${timeoutMs} ms`));
        else reject(cannotRun(program, error ?? new Error('no exit status')));
      },
    );
    child.stdin?.on('error', () => undefined); // the program ended without reading it: its status says why
    if (input !== undefined) child.stdin?.end(input);
    else child.stdin?.end();
  });
}

/** How a program in a session of its own ended. `killed`: it timed out, or was cancelled. */
export interface GroupOutcome extends Outcome {
  readonly killed: boolean;
}

const leftoverMs = 100; // how long to wait for what is still in the pipes of an ended program
let strays: StrayProcesses | undefined;
let guard: ChildProcess | undefined;

/**
 * Runs a program in a session of its own. When it ends, times out or is cancelled, everything it started is killed with
 * it, even in groups, sessions and environments of their own; likewise when this process ends, in whatever way
 * (decision 18). The first 64 KiB of each output are kept. @throws {ExecError} when it is missing or not permitted
 */
export async function runInGroup(
  program: string,
  args: readonly string[],
  options: { timeoutMs: number; signal?: AbortSignal; env?: Readonly<Record<string, string>> },
): Promise<GroupOutcome> {
  const { timeoutMs, signal, env } = options;
  strays ??= new StrayProcesses();
  if (guard === undefined || guard.exitCode !== null) guard = startGuard();
  const mark = strays.nextMark();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: cleanEnvironment({ ...env, [markVariable]: mark }),
  });
  let killed = false;
  const kill = () => {
    killed = true;
    killGroup(child.pid);
  };
  const timer = setTimeout(kill, timeoutMs);
  signal?.addEventListener('abort', kill);
  const run = child.pid === undefined ? undefined : { leader: child.pid, mark };
  if (run !== undefined) strays.add(run);
  child.once('exit', () => run && strays?.end(run));
  try {
    return { ...(await endOf(child, program)), killed };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
  }
}

/** For the ends that leave us no time to clean up: SIGKILL, a crash. It keeps nothing of ours open or waiting. */
function startGuard(): ChildProcess {
  const child = spawn('sh', ['-c', guardScript, 'failover-guard', `${markVariable}=${ownMarks}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: cleanEnvironment(undefined),
  });
  child.once('error', () => undefined); // no sh: we do without the guard
  child.stdin?.once('error', () => undefined); // it has ended; the next run starts it again
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}

/** Waits for the leader of a group to end, then kills the group. */
function endOf(child: ReturnType<typeof spawn>, program: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(program, error)));
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null || child.pid === undefined) return; // 'error' says why
    const output = { stdout: beginningOf(stdout), stderr: beginningOf(stderr) };
    child.once('exit', (code, by) => {
      killGroup(child.pid); // children holding its pipes would keep it from closing
      const cut = setTimeout(() => {
        stdout.destroy(); // a child that is slow to die still holds them
        stderr.destroy();
      }, leftoverMs);
      child.once('close', () => {
        clearTimeout(cut);
        const status = code ?? 128 + (by === null ? 0 : constants.signals[by]);
        resolve({ code: status, stdout: output.stdout(), stderr: output.stderr() });
      });
    });
  });
}

/** How a program that answers through its descriptor 3 ended. `killed`: it timed out. */
export interface Answer {
  readonly code: number; // exit status; 128 + signal number when a signal ended it
  readonly answer: string;
  readonly killed: boolean;
}

/**
 * Runs a program that shares our outputs and answers through its descriptor 3, where nothing it prints can mix with
 * the answer. @throws {ExecError} when it is missing or not permitted
 */
export function runForAnswer(
  program: string,
  args: readonly string[],
  { timeoutMs, env }: { timeoutMs: number; env?: Readonly<Record<string, string>> },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      env: cleanEnvironment(env),
    });
    const pieces: Buffer[] = [];
    const answers = child.stdio[3];
    answers?.on('data', (piece: Buffer) => pieces.push(piece));
    child.once('error', (error) => reject(cannotRun(program, error)));
    child.once('exit', () => {
      const cut = setTimeout(() => answers?.destroy(), 10 * leftoverMs); // something it left running may hold it open
      child.once('close', () => clearTimeout(cut));
    });
    child.once('close', (code, by) => {
      const status = code ?? 128 + (by === null ? 0 : constants.signals[by]);
      resolve({ code: status, answer: Buffer.concat(pieces).toString('utf8'), killed: child.killed });
    });
  });
}

/** Kills at once; what this does not reach, `StrayProcesses` finds. */
function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // ESRCH: none is left
  }
}

/** Starts a program that keeps running: the caller owns its three pipes, and ends it. A missing one emits `error`. */
export function start(
  program: string,
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
): ChildProcessWithoutNullStreams {
  return spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: cleanEnvironment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/** The same for a program that only prints, and so would not notice our end: it is killed when this process ends. */
export function startTied(program: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  return start('sh', ['-c', tiedScript, 'sh', program, ...args]);
}

/** Runs a program with the caller's own terminal, and resolves with its exit status. */
export function runInTerminal(
  program: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', (error) => reject(cannotRun(program, error)));
    child.on('close', (code) => resolve(code ?? 128));
  });
}

/** The error for a program that could not be started. */
export function cannotRun(program: string, error: Error): ExecError {
  const missing = 'code' in error && error.code === 'ENOENT';
  const what = missing ? `${program} is not installed` : `${program} could not be started: ${error.message}`;
  return new ExecError(program, what, { cause: error, missing });
}

/** The exit status, 128 + the signal that ended it, undefined when it never ran. */
function exitStatus(error: ExecFileException | null): number | undefined {
  if (error === null) return 0;
  if (typeof error.code === 'number') return error.code;
  return error.signal ? 128 + constants.signals[error.signal] : undefined;
}

/** Our environment, without the secrets that only this process may have. */
function cleanEnvironment(extra: Readonly<Record<string, string>> | undefined): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => name !== 'CREDENTIALS_DIRECTORY' && !name.startsWith('FAILOVER_SECRET_'),
  );
  return { ...Object.fromEntries(own), LC_ALL: 'C', ...extra };
}
