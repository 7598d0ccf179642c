/** SIGHUP from the first moment on: one that comes before the daemon can reload is kept, where it would have ended the process. */
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

  /** Each one reloads from here on; one that was kept does so now. */
  reloadBy(reload: () => void): void {
    this.#reload = reload;
    if (this.#isKept) reload();
  }
}
