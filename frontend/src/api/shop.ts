import { request } from "./client";
import { answered, keyFor, newKey } from "./intentions";
import { ApiProblem } from "./problems";
import type {
  Cart, Checkout, Config, HostedCheckout, MethodSetup, NewCheckout, PayChoice, SavedMethod, SavedMethods,
} from "./types";

/** The endpoints of the checkout, one function each. */

export const getConfig = (): Promise<Config> => request<Config>("/config");

export const getCart = (): Promise<Cart> => request<Cart>("/cart");

export const getCheckout = (id: string): Promise<Checkout> => request<Checkout>(`/checkouts/${encodeURIComponent(id)}`);

/** Freezes the quote and reserves the goods. A lost answer is asked for again under the same key, also after a reload. */
export function createCheckout(wanted: NewCheckout): Promise<Checkout> {
  return intend("create", "/checkouts", wanted);
}

/** Accepts the quote: the shop makes, or finds again, the one payment of this order on the channel (by card if none). */
export function confirmCheckout(id: string, quoteHash: string, wish?: PayChoice): Promise<Checkout> {
  const body = { quote_hash: quoteHash, ...wish };
  const intention = wish?.channel ? `confirm.${wish.channel}.${id}` : `confirm.${id}`;
  return intend(intention, `/checkouts/${encodeURIComponent(id)}/confirm`, body);
}

/** Accepts the quote: the shop opens, or finds again, Stripe's own page for this order. */
export function openHostedPage(id: string, quoteHash: string): Promise<HostedCheckout> {
  return intend(`hosted.${id}`, "/checkout/sessions", { checkout: id, quote_hash: quoteHash });
}

export const getSavedMethods = (): Promise<SavedMethods> => request<SavedMethods>("/payment-methods");

/** Opens an attempt to keep a way to pay, for a person who was shown these words and has agreed. */
export function beginSetup(kind: SavedMethod["kind"], consent: string): Promise<MethodSetup> {
  return intend("setup", "/payment-methods/setups", { kind, consent: true, consent_text: consent });
}

/** Lets the shop look up what came of the attempt; each look is an intention of its own. */
export function completeSetup(id: string): Promise<{ method: SavedMethod | null }> {
  return request<{ method: SavedMethod | null }>(`/payment-methods/setups/${encodeURIComponent(id)}/complete`, {
    method: "POST",
    body: {},
    idempotencyKey: newKey(),
  });
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

async function intend<T = Checkout>(intention: string, path: string, body: object): Promise<T> {
  const send = () => request<T>(path, { method: "POST", body, idempotencyKey: keyFor(intention, body) });
  try {
    const answer = await send();
    answered(intention);
    return answer;
  } catch (error) {
    // A refusal is an answer. Only without one does the key have to be kept.
    if (error instanceof ApiProblem && error.status < 500 && error.status !== 429 && error.code !== "request_in_flight") {
      answered(intention);
    }
    throw error;
  }
}
