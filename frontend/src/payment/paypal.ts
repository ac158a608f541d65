import type { Checkout, Config } from "../api/types";
import { loadScript } from "./script";

/** The part of PayPal's browser script (version 5, `components=buttons`) that this page uses. */
export interface PayPalScript {
  Buttons(options: ButtonOptions): Button;
}

export interface Button {
  isEligible(): boolean;
  render(place: HTMLElement): Promise<void>;
  close(): Promise<void>;
}

export interface ButtonOptions {
  fundingSource: "paypal";
  style: { color: "gold"; height: number; label: "paypal" };
  onClick(): void;
  createOrder(): Promise<string>;
  onApprove(): void;
  onCancel(): void;
  onError(error: unknown): void;
}

declare global {
  interface Window {
    paypal?: PayPalScript;
  }
}

/** Whether PayPal can be offered for this order at all. */
export function takesPayPal(config: Config, checkout: Checkout): boolean {
  return config.paypal?.currencies.includes(checkout.quote.currency) ?? false;
}

let loaded: { address: string; script: Promise<PayPalScript> } | null = null;

/** PayPal's script for this order. Currency and intent are part of its address, so another order may need another. */
export function payPalFor(config: Config, checkout: Checkout): Promise<PayPalScript> {
  const address = addressFor(config, checkout);
  if (loaded?.address !== address) {
    loaded = { address, script: start(address) };
    loaded.script.catch(() => {
      // The next attempt starts afresh.
      loaded = null;
    });
  }
  return loaded.script;
}

async function start(address: string): Promise<PayPalScript> {
  // PayPal puts style elements into the page; with the page's nonce its policy lets them.
  const nonce = document.getElementById("checkout-root")?.dataset.cspNonce;
  await loadScript(address, nonce ? { "data-csp-nonce": nonce } : {});
  if (!window.paypal) throw new Error("PayPal's script is not available.");
  return window.paypal;
}

function addressFor({ paypal }: Config, checkout: Checkout): string {
  const address = new URL(paypal?.js_url ?? "");
  const parameters = {
    "client-id": paypal?.client_id ?? "",
    currency: checkout.quote.currency,
    // Must agree with the order that the shop makes.
    intent: checkout.is_authorized_first ? "authorize" : "capture",
    components: "buttons",
    commit: "true",
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
}
