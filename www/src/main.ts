import { byId } from "./view/dom";
import { openRoom } from "./view/page";

/** Who wants to go where, from the address or the form. */
interface Visit {
  readonly name: string;
  readonly room: string;
}

const welcome = byId("welcome", HTMLElement);
const form = byId("join", HTMLFormElement);
const nameField = byId("name", HTMLInputElement);
const roomField = byId("room-name", HTMLInputElement);

const asked = new URLSearchParams(location.search);
nameField.value = asked.get("name") ?? "";
roomField.value = asked.get("room") ?? "lobby";

form.onsubmit = (event) => {
  event.preventDefault();
  const visit = { name: nameField.value.trim(), room: roomField.value.trim() };
  if (visit.name !== "" && visit.room !== "") enter(visit);
};

if (asked.has("room") && nameField.value.trim() !== "") form.requestSubmit();
else ask();

function ask(): void {
  welcome.hidden = false;
  (nameField.value === "" ? nameField : roomField).focus();
}

/** The address holds the visit, so that a reload comes back to the same room. */
function enter({ name, room }: Visit): void {
  welcome.hidden = true;
  history.replaceState(null, "", `?${new URLSearchParams({ room, name }).toString()}`);
  openRoom(name, room, () => {
    history.replaceState(null, "", `?${new URLSearchParams({ room }).toString()}`);
    ask();
  });
}
