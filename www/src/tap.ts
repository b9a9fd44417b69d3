/** One text that went over the socket. */
export interface Frame {
  readonly direction: "in" | "out";
  readonly text: string;
  /** In milliseconds, on the page's own clock (`performance.now()`). */
  readonly at: number;
}

/**
 * The same WebSocket, with somebody looking at what passes. The session takes its socket's
 * constructor as an option, so the inspector sees real frames and the session knows nothing of it.
 */
export function tapped(look: (frame: Frame) => void): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string") look({ direction: "in", text: data, at: performance.now() });
      });
    }

    override send(data: Parameters<WebSocket["send"]>[0]): void {
      super.send(data);
      if (typeof data === "string") look({ direction: "out", text: data, at: performance.now() });
    }
  };
}
