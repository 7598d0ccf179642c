import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

const folder = '/run/frr'; // `--localstatedir` of every package
const retryMs = 1000;

/** The daemons that `vtysh` queries for static routes and their state. */
export const staticDaemons = ['zebra', 'staticd'] as const;

/**
 * Notices at once when a daemon ends or comes back, by an idle connection to its socket: polling would cost a process
 * each time. Where the sockets are elsewhere, it notices nothing.
 */
export class FrrDaemons {
  readonly #paths: readonly string[];
  readonly #changed: () => void;
  readonly #sockets = new Map<string, Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #watching = false;

  constructor(pathspace: string | undefined, changed: () => void) {
    this.#paths = staticDaemons.map((name) => join(folder, pathspace ?? '', `${name}.vty`));
    this.#changed = changed;
  }

  /** Watches until closed. May be called again. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    for (const path of this.#paths) this.#connect(path, false);
  }

  close(): void {
    this.#watching = false;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #connect(path: string, isBack: boolean): void {
    const socket = connect(path);
    this.#sockets.set(path, socket);
    let isOpen = false;
    socket.once('connect', () => {
      isOpen = true;
      if (isBack) this.#changed();
    });
    socket.on('error', () => undefined); // 'close' follows; the next user of the daemon reports what is wrong
    socket.once('close', () => {
      if (!this.#watching) return;
      if (isOpen) this.#changed();
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#connect(path, true);
      }, retryMs);
      this.#timers.add(timer);
    });
    socket.resume();
  }
}
