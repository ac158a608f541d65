import { loadStripe } from "@stripe/stripe-js/pure";
import type { Stripe } from "@stripe/stripe-js";
import type { Config } from "../api/types";
import { loadScript } from "./script";

/**
 * Stripe.js from where the shop says. Without keys that is the sandbox's own script; with keys it is Stripe's.
 * `loadStripe` has no option for the address but takes the `window.Stripe` that is already there.
 */

let loaded: { key: string; stripe: Promise<Stripe> } | null = null;

export function stripeFor(config: Config): Promise<Stripe> {
  const { publishable_key: key, js_url: url } = config.stripe;
  if (loaded?.key !== key) {
    loaded = { key, stripe: start(key, url) };
    loaded.stripe.catch(() => {
      // The next attempt starts afresh.
      loaded = null;
    });
  }
  return loaded.stripe;
}

async function start(key: string, url: string): Promise<Stripe> {
  if (url !== "" && !("Stripe" in window)) await loadScript(url);
  const stripe = await loadStripe(key);
  if (stripe === null) throw new Error("Stripe.js is not available.");
  return stripe;
}
