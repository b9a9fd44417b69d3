import { expect, shown, test, visit } from "./fixtures";

test("two pages in one room see each other's messages", async ({ browser, server }) => {
  const ada = await visit(browser, server, "Ada", "lobby");
  const bob = await visit(browser, server, "Bob", "lobby");
  await expect(ada.getByTestId("member")).toHaveText([/Ada/, /Bob/]);
  await expect(bob.getByTestId("state")).toHaveText(/Connected/);

  await ada.getByTestId("message-input").fill("hello, Bob");
  await ada.getByTestId("send-button").click();
  await expect(bob.getByTestId("message")).toHaveText([/hello, Bob/]);
  await bob.getByTestId("message-input").fill("hello, Ada");
  await bob.getByTestId("message-input").press("Enter");
  await expect(ada.getByTestId("message")).toHaveText([/hello, Bob/, /hello, Ada/]);
  expect(await shown(bob)).toEqual([
    { number: 1, text: "hello, Bob" },
    { number: 2, text: "hello, Ada" },
  ]);
});

test("whoever leaves is seen to leave, and another room hears nothing", async ({ browser, server }) => {
  const ada = await visit(browser, server, "Ada", "lobby");
  const bob = await visit(browser, server, "Bob", "lobby");
  const eve = await visit(browser, server, "Eve", "attic");
  await expect(ada.getByTestId("member")).toHaveText([/Ada/, /Bob/]);
  await bob.context().close();
  await expect(ada.getByTestId("member")).toHaveText([/Ada/]);

  await ada.evaluate(() => window.chat!.session.send("sendMessage", { room: "lobby", text: "alone" }));
  await eve.evaluate(() => window.chat!.session.send("sendMessage", { room: "attic", text: "in the attic" }));
  await expect(eve.getByTestId("message")).toHaveText([/in the attic/]);
  await expect(ada.getByTestId("message")).toHaveText([/alone/]);
});

test("a reload comes back to the room and its history", async ({ browser, server }) => {
  const ada = await visit(browser, server, "Ada", "lobby");
  await ada.evaluate(() => window.chat!.session.send("sendMessage", { room: "lobby", text: "still here" }));
  await ada.reload();
  await expect(ada.getByTestId("message")).toHaveText([/still here/]);
});

test("a refusal names the field, and the session lives", async ({ browser, server }) => {
  const ada = await visit(browser, server, "Ada", "lobby");
  await expect(ada.getByTestId("state")).toHaveText(/Connected/);
  const refusal = await ada.evaluate(async () => {
    const send = window.chat!.session.send("sendMessage", { room: "lobby", text: 7 as unknown as string });
    return send.then(String, (error: { code: string; message: string }) => `${error.code}: ${error.message}`);
  });
  expect(refusal).toMatch(/^invalid: .*sendMessage\.text/);
  const posted = await ada.evaluate(() =>
    window.chat!.session.send("sendMessage", { room: "lobby", text: "fine" }),
  );
  expect(posted.number).toBe(1);
});
