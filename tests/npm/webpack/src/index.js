import { chat } from "@gatewire/chat";
import { createSession } from "gatewire";
import { useEvent, useSession, useSessionState } from "gatewire/react";
import { createElement, StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { visit } from "../trip.js";
import { slimTrip } from "./slim.js";

const { server, token, room } = visit(location.href);

/** The round trip with hooks, then the one without the inlined wasm. */
function App() {
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
    if (heard) slimTrip().then(setSlim, (error) => setSlim(String(error)));
  }, [heard]);
  return createElement("output", null, slim && `${room}: ${heard}, contract ${session?.contract}; ${slim}`);
}

const root = createRoot(/** @type {Element} */ (document.querySelector("main")));
root.render(createElement(StrictMode, null, createElement(App)));
