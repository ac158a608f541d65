import { vi } from "vitest";
import type { Button, ButtonOptions, SavingButtonOptions } from "../payment/paypal";

/** A window.paypal whose buyer the test plays. Its script's address is never loaded: `load` says that it has come. */

let shown: ButtonOptions | SavingButtonOptions | null = null;
export const behaviour = { isEligible: true };

export function installPayPal(): void {
  shown = null;
  behaviour.isEligible = true;
  const Buttons = (options: ButtonOptions | SavingButtonOptions): Button => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "PayPal";
    return {
      isEligible: () => behaviour.isEligible,
      render: (place) => {
        shown = options;
        place.append(button);
        return Promise.resolve();
      },
      close: vi.fn(() => {
        button.remove();
        return Promise.resolve();
      }),
    };
  };
  Object.assign(window, { paypal: { Buttons } });
}

/** The scripts that the page has asked for have come, or not. */
export function scriptsArrive(event: "load" | "error" = "load"): void {
  for (const script of document.querySelectorAll("script")) script.dispatchEvent(new Event(event));
}

/** Presses PayPal's button: the window opens as soon as the shop has an order for it. Null when there is none. */
export async function pressPayPal(): Promise<string | null> {
  if (!shown) throw new Error("PayPal's button is not there.");
  shown.onClick();
  try {
    return await ("createOrder" in shown ? shown.createOrder() : shown.createVaultSetupToken());
  } catch (error) {
    shown.onError(error);
    return null;
  }
}

/** What PayPal's window tells the page. */
export function payPalTells(what: "approved" | "canceled" | Error): void {
  if (what instanceof Error) shown?.onError(what);
  else if (what === "approved") shown?.onApprove();
  else shown?.onCancel();
}
