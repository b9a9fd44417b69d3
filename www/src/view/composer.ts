import { byId } from "./dom";

/** The field one writes in: Enter sends, Shift and Enter begin a new line. */
export function composer(send: (text: string) => void, typing: () => void): void {
  const form = byId("composer", HTMLFormElement);
  const text = byId("text", HTMLTextAreaElement);

  const submit = (): void => {
    const written = text.value.trim();
    if (written === "") return;
    text.value = "";
    send(written);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    submit();
    text.focus();
  };
  text.onkeydown = (event) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  };
  text.oninput = () => {
    if (text.value.trim() !== "") typing();
  };
  if (matchMedia("(pointer: fine)").matches) text.focus(); // on a phone it would raise the keyboard
}
