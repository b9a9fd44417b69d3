/** Shows what passes on a socket. */

import type { TraceEntry } from "../gatewire.d.ts";

/** Tells `trace` of everything on a socket whose handlers are set. Tokens are left out. */
export function traced(socket: WebSocket, trace: (entry: TraceEntry) => void): void {
  // Asynchronous, so that what `trace` throws is a rejection that nobody handles, and stops nothing here.
  const tell = async (kind: TraceEntry["kind"], more?: object) => trace({ at: Date.now(), kind, ...more });
  const { onopen, onmessage, onclose, send, close } = socket as any;
  socket.onopen = (event) => {
    tell("open");
    onopen(event);
  };
  socket.onmessage = (event) => {
    tell("received", { frame: event.data });
    onmessage(event);
  };
  socket.onclose = (event) => {
    tell("closed", { code: event.code });
    onclose(event);
  };
  socket.send = (frame) => {
    tell("sent", { frame: (frame as string).replace(/^{"token":.*/, '{"token":"…"}') });
    send.call(socket, frame);
  };
  socket.close = (code) => {
    tell("closed", { code });
    close.call(socket, code);
  };
}
