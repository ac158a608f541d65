import { request } from "./client";
import { answered, keyFor, newKey } from "./intentions";
import { ApiProblem } from "./problems";
import type { Cart, Checkout, Config, NewCheckout } from "./types";

/** The endpoints of the checkout, one function each. */

export const getConfig = (): Promise<Config> => request<Config>("/config");

export const getCart = (): Promise<Cart> => request<Cart>("/cart");

export const getCheckout = (id: string): Promise<Checkout> => request<Checkout>(`/checkouts/${encodeURIComponent(id)}`);

/** Freezes the quote and reserves the goods. A lost answer is asked for again under the same key, also after a reload. */
export function createCheckout(wanted: NewCheckout): Promise<Checkout> {
  return intend("create", "/checkouts", wanted);
}

/** Accepts the quote: the shop makes, or finds again, the one payment of this order. */
export function confirmCheckout(id: string, quoteHash: string): Promise<Checkout> {
  return intend(`confirm.${id}`, `/checkouts/${encodeURIComponent(id)}/confirm`, { quote_hash: quoteHash });
}

/** Gives the reservation back. Refused (409) once the order is paid. */
export function cancelCheckout(id: string): Promise<Checkout> {
  return intend(`cancel.${id}`, `/checkouts/${encodeURIComponent(id)}/cancel`, {});
}

/**
 * Lets the shop look the payment up at the processor. Each look is an intention of its own: with a kept key the shop
 * would repeat what it saw the last time.
 */
export function settleCheckout(id: string): Promise<Checkout> {
  return request<Checkout>(`/checkouts/${encodeURIComponent(id)}/settle`, {
    method: "POST",
    body: {},
    idempotencyKey: newKey(),
  });
}

async function intend(intention: string, path: string, body: object): Promise<Checkout> {
  const send = () => request<Checkout>(path, { method: "POST", body, idempotencyKey: keyFor(intention, body) });
  try {
    const checkout = await send();
    answered(intention);
    return checkout;
  } catch (error) {
    // A refusal is an answer. Only without one does the key have to be kept.
    if (error instanceof ApiProblem && error.status < 500 && error.status !== 429 && error.code !== "request_in_flight") {
      answered(intention);
    }
    throw error;
  }
}
