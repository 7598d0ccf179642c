/** Where reads are reported, and how they are paced. */
export interface CoalescedReadParts {
  read(): Promise<void>;
  trouble(error: unknown): void; // it failed, and is tried again
  readonly pauseMs: number; // after each read: requests meanwhile are served by one more
  readonly retryMs: number; // after a failed read
}

/**
 * Something that is re-read on request: one read at a time, and always one that started after the last
 * request.
 */
export class CoalescedRead {
  readonly #parts: CoalescedReadParts;
  #isRequested = false;
  #running = false;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: CoalescedReadParts) {
    this.#parts = parts;
  }

  request(): void {
    this.#isRequested = true;
    if (!this.#running) void this.#run();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#isRequested && !this.#closed) {
        this.#isRequested = false;
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
