/** Where a reading reports to, and how it goes on. */
export interface CoalescedReadParts {
  read(): Promise<void>;
  trouble(error: unknown): void; // it failed, and is tried again
  readonly pauseMs: number; // after each reading: what comes meanwhile is answered by one more
  readonly retryMs: number; // after one that failed
}

/** Something that is read again whenever asked for: one reading at a time, and always one that began after the last ask. */
export class CoalescedRead {
  readonly #parts: CoalescedReadParts;
  #wanted = false;
  #running = false;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: CoalescedReadParts) {
    this.#parts = parts;
  }

  request(): void {
    this.#wanted = true;
    if (!this.#running) void this.#run();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#wanted && !this.#closed) {
        this.#wanted = false;
        await this.#parts.read();
        await new Promise((resolve) => setTimeout(resolve, this.#parts.pauseMs));
      }
    } catch (error) {
      if (this.#closed) return;
      this.#parts.trouble(error);
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.request(), this.#parts.retryMs);
    } finally {
      this.#running = false;
    }
  }
}
