"use client";

import { chat } from "@gatewire/chat";
import { createSession } from "gatewire";
import { useEvent, useSession, useSessionState } from "gatewire/react";
import { useEffect, useState } from "react";

/** Rendered on the server, where there is no session; connected in the browser. */
export function Chat({ server, token, room }: { server: string; token: string; room: string }) {
  const session = useSession(() => createSession(chat, server, { token }), [server, token]);
  const state = useSessionState(session);
  const [heard, hear] = useState("");
  useEvent(session, "messagePosted", ({ text, number }) => hear(`${text} ${number}`));
  useEffect(() => {
    if (state !== "open" || !session) return;
    void session.send("join", { room });
    void session.send("sendMessage", { room, text: "hello", tag: "once" });
  }, [session, state, room]);
  return (
    <>
      <p data-state={state} />
      <output>{heard && `${room}: ${heard}, contract ${session?.contract}`}</output>
    </>
  );
}
