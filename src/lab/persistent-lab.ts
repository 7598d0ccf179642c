/** One kept lab per user: a folder that only they may enter, with a socket on which the lab takes orders. */
import { once } from 'node:events';
import { rmdirSync, unlinkSync } from 'node:fs';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a kept lab is asked. */
export interface LabCommand {
  readonly action: string;
  readonly args: readonly string[];
}

/** What it answers. `message` is for people. */
export interface Reply {
  readonly ok: boolean;
  readonly message: string;
  readonly pid: number; // of the process that holds the lab's world
  readonly folder: string; // Lab.folder
}

/** The kept lab's folder: under /tmp, as a lab covers /run. */
export function persistentLabFolder(uid = process.getuid?.() ?? 0): string {
  return `/tmp/failover-lab-${uid}`;
}

/** Makes the folder. @throws {Error} when another user owns it, or others may enter */
export async function claimFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700, recursive: true });
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  if (!isOurs)
    throw new Error(`${folder} is not a folder of ours alone (mode 0700); remove it, or ask its owner to`);
}

/** Sends an order to the kept lab. Undefined when there is none. */
export async function send(folder: string, order: LabCommand): Promise<Reply | undefined> {
  const socket = connect(join(folder, 'lab.sock'));
  try {
    await once(socket, 'connect');
  } catch {
    return undefined; // no socket, or nothing listens: no lab is kept
  }
  socket.write(`${JSON.stringify(order)}\n`);
  for await (const line of createInterface({ input: socket })) return JSON.parse(line) as Reply; // our own `serve`'s
  return undefined;
}

/** Takes orders as long as the process lives. Replaces what a dead lab left. */
export async function serve(folder: string, obey: (order: LabCommand) => Promise<Reply>): Promise<void> {
  const path = join(folder, 'lab.sock');
  await rm(path, { force: true });
  const server = createServer((socket) => converse(socket, obey));
  server.listen(path);
  await once(server, 'listening');
}

/** Removes the socket and the folder, at once and in silence: for the very end of a process. */
export function leave(folder: string): void {
  try {
    unlinkSync(join(folder, 'lab.sock'));
    rmdirSync(folder);
  } catch {
    // Gone already, or not empty: then it is not ours alone to remove.
  }
}

function converse(socket: Socket, obey: (order: LabCommand) => Promise<Reply>): void {
  socket.on('error', () => socket.destroy()); // the client hung up: no reply is due
  createInterface({ input: socket }).once('line', async (line) => {
    const reply = await obey(JSON.parse(line) as LabCommand); // written by our own `send`: no one else can enter the folder
    socket.end(`${JSON.stringify(reply)}\n`);
  });
}
