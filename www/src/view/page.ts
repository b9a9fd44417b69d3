import type { StateChange } from "gatewire";
import { Deliveries } from "../deliveries";
import { Room } from "../room";
import { openSession, type ChatSession } from "../session";
import { composer } from "./composer";
import { Conversation } from "./conversation";
import { byId, element } from "./dom";
import { Inspector } from "./inspector";
import { avatar, enumerate } from "./people";
import { showState } from "./state";

declare global {
  interface Window {
    /** For the console: the session behind the page, for example `chat.session.send(…)`. */
    chat?: { readonly session: ChatSession };
  }
}

/** Shows a room until the visitor leaves it. */
export function openRoom(name: string, roomName: string, left: () => void): void {
  const deliveries = new Deliveries();
  const inspector = new Inspector(deliveries);
  const session = openSession(name, (frame) => {
    deliveries.see(frame);
    inspector.frame(frame);
  });
  window.chat = { session };

  const conversation = new Conversation(name, (pending) => room.retry(pending));
  const earlier = byId("earlier", HTMLButtonElement);
  const quiet = byId("quiet-room", HTMLDivElement);
  const updateEdges = (): void => {
    earlier.hidden = !room.timeline.hasEarlier;
    quiet.hidden = room.timeline.last !== 0;
  };
  const room = new Room(roomName, name, session, {
    appended(messages) {
      conversation.append(messages);
      updateEdges();
      countUnseen(messages.length, roomName);
    },
    prepended() {
      conversation.redraw(room.timeline.messages);
      updateEdges();
    },
    entered() {
      conversation.toEnd();
      updateEdges();
    },
    queued: ({ tag, text }) => deliveries.queue(tag, text, performance.now()),
    pendingChanged(pending) {
      conversation.setPending(pending);
      if (pending.length > 0) quiet.hidden = true;
    },
    membersChanged: (names) => showMembers(names, name),
    typistsChanged: showTypists,
    trouble: showTrouble,
  });
  earlier.onclick = () => void room.earlier();

  showRoom(roomName);
  offerInspector();
  composer(
    (text) => void room.say(text),
    () => room.typing(performance.now()),
  );
  const showSession = (change: StateChange): void => {
    const { state, code } = change;
    showState(change);
    inspector.changed();
    if (state === "open") void room.enter();
    if (state === "closed" && code !== undefined) {
      showTrouble(`The server has ended this session (${code}). Reload the page to begin another.`);
    }
  };
  session.onState(showSession);
  showSession({ state: session.state });
  byId("leave", HTMLButtonElement).onclick = () => {
    room.leave();
    session.close();
    conversation.close();
    byId("room", HTMLDivElement).hidden = true;
    document.title = "gatewire chat";
    left();
  };
}

function showRoom(roomName: string): void {
  const address = new URL(location.href);
  address.search = new URLSearchParams({ room: roomName }).toString();
  byId("room", HTMLDivElement).hidden = false;
  byId("title", HTMLHeadingElement).textContent = roomName;
  byId("second", HTMLAnchorElement).href = address.href;
  document.title = roomName;

  const invite = byId("invite", HTMLButtonElement);
  invite.onclick = async () => {
    await navigator.clipboard.writeText(address.href);
    invite.textContent = "Copied";
    setTimeout(() => (invite.textContent = "Copy link"), 1500);
  };
}

/** The inspector is open from the start where there is room for it. */
function offerInspector(): void {
  const button = byId("inspect", HTMLButtonElement);
  const show = (open: boolean): void => {
    document.documentElement.dataset["inspector"] = open ? "open" : "closed";
    button.setAttribute("aria-expanded", String(open));
  };
  show(matchMedia("(min-width: 1101px)").matches);
  button.onclick = () => show(button.getAttribute("aria-expanded") === "false");
}

function showMembers(names: readonly string[], me: string): void {
  const rows = names.map((name) =>
    element(
      "li",
      { "data-testid": "member", "data-name": name },
      avatar(name),
      element("span", {}, name),
      ...(name === me ? [element("small", {}, "you")] : []),
    ),
  );
  byId("members", HTMLUListElement).replaceChildren(...rows);
  byId("people", HTMLParagraphElement).textContent = names.length === 1 ? "Only you" : enumerate(names);
}

function showTypists(names: readonly string[]): void {
  const verb = names.length === 1 ? "is" : "are";
  byId("typing", HTMLParagraphElement).textContent =
    names.length === 0 ? "" : `${enumerate(names)} ${verb} typing`;
}

function showTrouble(message: string | undefined): void {
  const line = byId("trouble", HTMLParagraphElement);
  line.hidden = message === undefined;
  line.textContent = message ?? "";
}

let unseen = 0;

/** Counts in the tab's title what came while nobody looked. */
function countUnseen(count: number, roomName: string): void {
  if (!document.hidden) return;
  unseen += count;
  document.title = `(${unseen}) ${roomName}`;
  document.onvisibilitychange = () => {
    if (document.hidden) return;
    unseen = 0;
    document.title = roomName;
  };
}
