import type { Family } from '../../models/path.ts';
import { IpSession } from './ip-session.ts';

/** The lab's `ip` sessions, one per namespace and family, started when first used. */
export class Sessions {
  readonly #open = new Map<string, IpSession>();

  /** The session of a namespace for one family; commands about links go to the IPv4 one, and may
   *  name addresses of both. */
  of(namespace: string, family: Family = 4): IpSession {
    const key = `${namespace}/${family}`;
    const session = this.#open.get(key) ?? new IpSession(namespace, family);
    this.#open.set(key, session);
    return session;
  }

  /**
   * Runs the same commands for both families at once. Resolves with the instant at which they were written.
   */
  async both(namespace: string, commands: readonly string[]): Promise<number> {
    const [four] = await Promise.all([
      this.of(namespace, 4).run(...commands),
      this.of(namespace, 6).run(...commands),
    ]);
    return four.at;
  }

  /** Starts both sessions of a namespace, so that its first fault takes effect as fast as the others. */
  async warm(namespace: string): Promise<void> {
    await this.both(namespace, []);
  }

  /**
   * Ends the sessions of a namespace: `ip` caches device names and indexes, so it must not outlive a device.
   */
  forget(namespace: string): void {
    for (const key of [`${namespace}/4`, `${namespace}/6`]) {
      this.#open.get(key)?.close();
      this.#open.delete(key);
    }
  }

  close(): void {
    for (const session of this.#open.values()) session.close();
    this.#open.clear();
  }
}
