import { ApiProblem, inWords } from "../api/problems";
import * as shop from "../api/shop";
import type { Checkout } from "../api/types";
import { browserLocation } from "../checkout/location";
import { pendingPayment } from "../checkout/pending";
import { addressNotice, declined, outcomeOf } from "../machine/outcome";
import type { CheckoutEvent } from "../machine/states";

/** Ways to pay on a payment service's own page. Whatever happens there, the shop asks the service what came of it. */

export interface PayPalOrder {
  id: string;
  /** PayPal's page for it; null if PayPal named none. */
  approvalUrl: string | null;
}

/**
 * The shop makes PayPal's order, or finds it again; or an event that says why there is none to approve. `consent` are the
 * words to which the buyer has agreed who wants the account kept; null for none.
 */
export async function openPayPalOrder(checkout: Checkout, consent: string | null): Promise<PayPalOrder | CheckoutEvent> {
  pendingPayment.remember(checkout.id);
  try {
    const keeps = consent === null ? { save_method: false } : { save_method: true, consent_text: consent };
    const wish = { channel: "paypal", method: "", ...keeps } as const;
    const ready = await shop.confirmCheckout(checkout.id, checkout.quote.hash, wish);
    if (outcomeOf(ready).type !== "NOT_CHARGED") return { type: "OUTCOME_UNKNOWN" };
    const id = ready.payment?.paypal_order_id;
    return id ? { id, approvalUrl: ready.payment?.approval_url ?? null } : notOpened("PayPal", "Please try again in a moment.");
  } catch (error) {
    return addressRefused(checkout, error) ?? refused("PayPal", error);
  }
}

/**
 * Pays with a saved PayPal account: the shop charges it at once, and nobody is sent to PayPal. Null when PayPal wants the
 * buyer to confirm it there all the same, and the browser is on its way.
 *
 * Only an answer that says so is taken for a refusal; without one the account may have been charged, and the shop asks.
 */
export async function paySavedPayPal(checkout: Checkout, method: string): Promise<CheckoutEvent | null> {
  pendingPayment.remember(checkout.id);
  try {
    const wish = { channel: "paypal", method, save_method: false } as const;
    const paid = await shop.confirmCheckout(checkout.id, checkout.quote.hash, wish);
    const outcome = outcomeOf(paid);
    if (outcome.type === "PLACED") pendingPayment.forget();
    if (outcome.type === "LOOKED_UP") return { type: "OUTCOME_UNKNOWN", checkout: paid };
    const page = paid.payment?.approval_url;
    if (outcome.type !== "NOT_CHARGED" || !page) return outcome.type === "NOT_CHARGED" ? { type: "OUTCOME_UNKNOWN" } : outcome;
    browserLocation.goTo(page);
    return null;
  } catch (error) {
    const refusal = addressRefused(checkout, error);
    if (refusal) return refusal;
    if (!(error instanceof ApiProblem) || !NOT_CHARGED.has(error.code)) return { type: "OUTCOME_UNKNOWN" };
    pendingPayment.forget();
    return { type: "PAY_DECLINED", notice: declined(inWords(error)) };
  }
}

/** Refusals after which the account was certainly not charged. */
const NOT_CHARGED = new Set([
  "payment_declined", "authentication_required", "unknown_method", "method_unusable", "processor_refused", "throttled",
]);

/** Goes to Stripe's own page for this order; null once the browser is on its way. */
export async function goToHostedPage(checkout: Checkout): Promise<CheckoutEvent | null> {
  pendingPayment.remember(checkout.id);
  try {
    const page = await shop.openHostedPage(checkout.id, checkout.quote.hash);
    // Without an address it has been sent or closed, perhaps in another window.
    if (page.url === null) return { type: "OUTCOME_UNKNOWN" };
    browserLocation.goTo(page.url);
    return null;
  } catch (error) {
    return refused("Stripe's page", error);
  }
}

/** What the shop says when the order is not open to pay any more: how it stands, a look-up tells. */
const ASK_AGAIN = ["already_paid", "payment_running", "quote_expired", "order_canceled", "quote_mismatch", "payment_state"];

function refused(where: string, error: unknown): CheckoutEvent {
  if (error instanceof ApiProblem && ASK_AGAIN.includes(error.code)) return { type: "OUTCOME_UNKNOWN" };
  return notOpened(where, inWords(error));
}

/** Not the payment is refused but where the goods go; the first step asks for that again. Null for anything else. */
function addressRefused(checkout: Checkout, error: unknown): CheckoutEvent | null {
  if (!(error instanceof ApiProblem) || error.code !== "address_refused") return null;
  pendingPayment.forget();
  return { type: "PAY_DECLINED", notice: addressNotice(checkout, error.detail) };
}

/** Nothing can have been taken: the buyer has not been there. */
function notOpened(where: string, text: string): CheckoutEvent {
  pendingPayment.forget();
  return { type: "PAY_DECLINED", notice: { tone: "error", title: `${where} can't be opened`, text: `${text} Nothing was charged.` } };
}
