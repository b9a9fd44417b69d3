import { chat } from "@gatewire/chat";
import { createSession } from "gatewire";
import { useEvent, useSession, useSessionState } from "gatewire/react";
import { useEffect, useState } from "react";
import { visit } from "../trip";
import { slimTrip } from "./slim";

const { server, token, room } = visit(location.href);

/** The round trip with hooks, then the one without the inlined wasm. */
export function App() {
  const session = useSession(() => createSession(chat, server, { token }), [server, token]);
  const state = useSessionState(session);
  const [heard, hear] = useState("");
  const [slim, setSlim] = useState("");
  useEvent(session, "messagePosted", ({ text, number }) => hear(`${text} ${number}`));
  useEffect(() => {
    if (state !== "open" || !session) return;
    void session.send("join", { room });
    void session.send("sendMessage", { room, text: "hello", tag: "once" });
  }, [session, state]);
  useEffect(() => {
    if (heard) slimTrip().then(setSlim, (error: unknown) => setSlim(String(error)));
  }, [heard]);
  return <output>{slim && `${room}: ${heard}, contract ${session?.contract}; ${slim}`}</output>;
}
