import { expect, it, vi } from "vitest";
import { answered, keyFor } from "./intentions";

const content = { email: "ana@example.com", line1: "Rua das Flores 12" };

it("keeps the key of an unanswered intention, also over a reload", async () => {
  const key = keyFor("create", content);
  expect(keyFor("create", content)).toBe(key);
  vi.resetModules();
  const reloaded = await import("./intentions");
  expect(reloaded.keyFor("create", content)).toBe(key);
});

it("gives another key to other content, another intention, and to what comes after an answer", () => {
  const key = keyFor("create", content);
  const keys = [keyFor("create", { ...content, line1: "Elsewhere 1" }), keyFor("confirm.ord_1", content)];
  answered("create");
  keys.push(keyFor("create", content));
  expect(new Set([key, ...keys]).size).toBe(4);
});

it("writes down nothing of the content", () => {
  keyFor("create", content);
  expect(JSON.stringify(Object.entries(sessionStorage))).not.toMatch(/ana|Flores/);
});

it("works where the browser refuses storage", () => {
  const refuse = () => {
    throw new DOMException("denied", "SecurityError");
  };
  const spies = (["getItem", "setItem", "removeItem"] as const).map((name) =>
    vi.spyOn(Storage.prototype, name).mockImplementation(refuse),
  );
  const key = keyFor("cancel.ord_1", content);
  expect(keyFor("cancel.ord_1", content)).toBe(key);
  answered("cancel.ord_1");
  expect(keyFor("cancel.ord_1", content)).not.toBe(key);
  for (const spy of spies) spy.mockRestore();
});
