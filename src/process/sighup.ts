/**
 * Handles SIGHUP from the start: one that comes before the daemon can reload is kept, instead of ending the
 * process.
 */
export class SighupBuffer {
  #reload: (() => void) | undefined;
  #isKept = false;

  /** Listens from here on. */
  constructor() {
    process.on('SIGHUP', () => {
      if (this.#reload === undefined) this.#isKept = true;
      else this.#reload();
    });
  }

  /** Each SIGHUP reloads from here on; one that was kept does so now. */
  reloadBy(reload: () => void): void {
    this.#reload = reload;
    if (this.#isKept) reload();
  }
}
