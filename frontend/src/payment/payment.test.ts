import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { config } from "../test/data";
import { installStripe } from "../test/stripe";
import { appearanceFromTokens } from "./appearance";
import { declineWords } from "./declines";

describe("reasons of a refusal", () => {
  it.each([
    ["insufficient_funds", /not enough money/],
    ["expired_card", /expired/],
    ["incorrect_cvc", /security code/],
    ["authentication_required", /confirm/],
  ])("says what to do after %s", (code, words) => {
    expect(declineWords(code, "Stripe's words")).toMatch(words);
  });

  it.each(["fraudulent", "lost_card", "stolen_card", "generic_decline"])("does not tell more than a refusal for %s", (code) => {
    expect(declineWords(code, "The card was reported stolen.")).toBe(declineWords(undefined));
  });

  it("uses the processor's words for a code it does not know", () => {
    expect(declineWords("brand_new_code", "The processor's words.")).toBe("The processor's words.");
    expect(declineWords("brand_new_code")).toBe(declineWords(undefined));
  });
});

it("takes the look of the card fields from the page's tokens", () => {
  document.documentElement.style.setProperty("--accent", "rgb(1, 2, 3)");
  expect(appearanceFromTokens().variables?.colorPrimary).toBe("rgb(1, 2, 3)");
  document.documentElement.removeAttribute("style");
});

describe("the script", () => {
  const url = "http://127.0.0.1:1/js/stripe.js";
  const configured = { ...config, stripe: { publishable_key: "pk_test_script", js_url: url } };
  const scripts = () => [...document.querySelectorAll<HTMLScriptElement>("script")];

  beforeEach(() => {
    Reflect.deleteProperty(window, "Stripe");
    vi.resetModules();
  });
  afterEach(() => {
    for (const script of scripts()) script.remove();
  });

  it("comes from where the shop says, once, and from nowhere else", async () => {
    const { stripeFor } = await import("./stripe");
    const both = [stripeFor(configured), stripeFor(configured)];
    expect(scripts().map(({ src }) => src)).toEqual([url]);
    installStripe();
    scripts()[0]?.onload?.(new Event("load"));
    const [first, second] = await Promise.all(both);
    expect(first).toBe(second);
    expect(scripts()).toHaveLength(1);
  });

  it("can be asked for again after it failed", async () => {
    const { stripeFor } = await import("./stripe");
    const failing = stripeFor(configured);
    scripts()[0]?.dispatchEvent(new Event("error"));
    await expect(failing).rejects.toThrow("could not be loaded");
    const again = stripeFor(configured);
    expect(scripts()).toHaveLength(1);
    installStripe();
    scripts()[0]?.onload?.(new Event("load"));
    await expect(again).resolves.toBeDefined();
  });
});
