/**
 * One persistent lab per user: a folder that only they may enter, with a socket on which the lab takes
 * commands.
 */
import { once } from 'node:events';
import { rmdirSync, unlinkSync } from 'node:fs';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A command for a persistent lab. */
export interface LabCommand {
  readonly action: string;
  readonly args: readonly string[];
}

/** Its answer. `message` is for people. */
export interface Reply {
  readonly ok: boolean;
  readonly message: string;
  readonly pid: number; // of the process that holds the lab's namespaces
  readonly folder: string; // Lab.folder
}

/** The persistent lab's folder: under /tmp, as a lab covers /run. */
export function persistentLabFolder(uid = process.getuid?.() ?? 0): string {
  return `/tmp/failover-lab-${uid}`;
}

/** Creates the folder. @throws {Error} when another user owns it, or others may enter */
export async function claimFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700, recursive: true });
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  if (!isOurs)
    throw new Error(
      `${folder} is not a folder that only you can access (mode 0700); remove it, or ask its owner to`,
    );
}

/** Sends a command to the persistent lab. Undefined when there is none. */
export async function send(folder: string, command: LabCommand): Promise<Reply | undefined> {
  const socket = connect(join(folder, 'lab.sock'));
  try {
    await once(socket, 'connect');
  } catch {
    return undefined; // no socket, or nothing listens: no lab is running
  }
  socket.write(`${JSON.stringify(command)}\n`);
  for await (const line of createInterface({ input: socket })) return JSON.parse(line) as Reply; // our own `serve`'s
  return undefined;
}

/** Takes commands as long as the process lives. Replaces what a dead lab left. */
export async function serve(folder: string, execute: (command: LabCommand) => Promise<Reply>): Promise<void> {
  const path = join(folder, 'lab.sock');
  await rm(path, { force: true });
  const server = createServer((socket) => converse(socket, execute));
  server.listen(path);
  await once(server, 'listening');
}

/** Removes the socket and the folder, synchronously and without errors: for the very end of a process. */
export function leave(folder: string): void {
  try {
    unlinkSync(join(folder, 'lab.sock'));
    rmdirSync(folder);
  } catch {
    // Already gone, or not empty: then it is not ours to remove.
  }
}

function converse(socket: Socket, execute: (command: LabCommand) => Promise<Reply>): void {
  socket.on('error', () => socket.destroy()); // the client hung up: no reply is needed
  createInterface({ input: socket }).once('line', async (line) => {
    // written by our own `send`: other users cannot enter the folder
    const reply = await execute(JSON.parse(line) as LabCommand);
    socket.end(`${JSON.stringify(reply)}\n`);
  });
}
