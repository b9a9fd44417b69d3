/** Who is there. A browser lets go of the locks of a tab or worker that ends, however it ends. */

/** Resolves when this page or worker has the lock, which it keeps until `signal`. */
export function hold(name: string, signal?: AbortSignal): Promise<void> {
  return new Promise((held) => {
    void navigator.locks.request(name, () => {
      held();
      return aborted(signal);
    });
  });
}

/** Calls back when whoever holds the lock is gone, unless `signal` comes before. */
export function whenGone(name: string, signal: AbortSignal, gone: () => void): void {
  navigator.locks.request(name, { signal }, gone).catch(() => {}); // nobody waits any more
}

/** Resolves with the signal. */
export function aborted(signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal?.aborted) done();
    signal?.addEventListener("abort", () => done());
  });
}
