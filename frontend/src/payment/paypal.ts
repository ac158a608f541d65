import type { Checkout, Config } from "../api/types";
import { loadScript } from "./script";

/** The part of PayPal's browser script (version 5, `components=buttons`) that this page uses. */
export interface PayPalScript {
  Buttons(options: ButtonOptions | SavingButtonOptions): Button;
}

export interface Button {
  isEligible(): boolean;
  render(place: HTMLElement): Promise<void>;
  close(): Promise<void>;
}

interface AnyButtonOptions {
  fundingSource: "paypal";
  style: { color: "gold"; height: number; label: "paypal" };
  onClick(): void;
  onApprove(): void;
  onCancel(): void;
  onError(error: unknown): void;
}

/** A button that pays. */
export interface ButtonOptions extends AnyButtonOptions {
  createOrder(): Promise<string>;
}

/** A button that keeps the account and takes nothing. */
export interface SavingButtonOptions extends AnyButtonOptions {
  createVaultSetupToken(): Promise<string>;
}

export const BUTTON = { fundingSource: "paypal", style: { color: "gold", height: 52, label: "paypal" } } as const;

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
  return scriptAt(
    addressFor(config, {
      currency: checkout.quote.currency,
      // Must agree with the order that the shop makes.
      intent: checkout.is_authorized_first ? "authorize" : "capture",
      commit: "true",
    }),
  );
}

/** PayPal's script for keeping an account. Nothing is paid, so the currency only has to be one that PayPal knows. */
export function payPalForSaving(config: Config): Promise<PayPalScript> {
  const [currency = "EUR"] = config.paypal?.currencies ?? [];
  return scriptAt(addressFor(config, { currency }));
}

/** PayPal's script has no code for a window that the browser refuses; its sentences name the window or the pop-up. */
export function isBlockedWindow(error: unknown): boolean {
  return error instanceof Error && /pop-?up|window/i.test(`${error.name} ${error.message}`);
}

function scriptAt(address: string): Promise<PayPalScript> {
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
  const nonce = document.querySelector<HTMLElement>("[data-csp-nonce]")?.dataset["cspNonce"];
  await loadScript(address, nonce ? { "data-csp-nonce": nonce } : {});
  if (!window.paypal) throw new Error("PayPal's script is not available.");
  return window.paypal;
}

function addressFor({ paypal }: Config, more: Record<string, string>): string {
  const address = new URL(paypal?.js_url ?? "");
  const parameters = { "client-id": paypal?.client_id ?? "", components: "buttons", ...more };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
}
