import type { PaymentIntentResult, Stripe, StripeElements, StripeError } from "@stripe/stripe-js";
import { ApiProblem, inWords, NoAnswer } from "../api/problems";
import { confirmCheckout } from "../api/shop";
import type { Checkout, PayChoice } from "../api/types";
import { pendingPayment } from "../checkout/pending";
import { browserLocation } from "../checkout/location";
import { bankNotFinished, declined } from "../machine/outcome";
import type { CheckoutEvent } from "../machine/states";
import { declineWords } from "./declines";

/**
 * Asks Stripe to take the money, and says in one event what came of it.
 *
 * Only an answer that says so is taken for a refusal. Whatever else happens (no answer, an error of the processor, a
 * state that another tab has changed) leaves the outcome unknown, and the shop looks it up.
 */
export async function pay(stripe: Stripe, elements: StripeElements, orderId: string): Promise<CheckoutEvent> {
  return outcome(orderId, () =>
    stripe.confirmPayment({
      elements,
      redirect: "if_required",
      confirmParams: { return_url: browserLocation.returnUrl(orderId) },
    }),
  );
}

/** As `pay`, with the saved card that the shop has put into the payment: nothing is typed. */
export async function paySaved(stripe: Stripe, clientSecret: string, orderId: string): Promise<CheckoutEvent> {
  return outcome(orderId, () => stripe.confirmCardPayment(clientSecret));
}

/** Tells the shop with what the order is paid; null when it has taken that over and the payment can be confirmed. */
export async function choose(checkout: Checkout, choice: PayChoice): Promise<CheckoutEvent | null> {
  try {
    const { payment } = await confirmCheckout(checkout.id, checkout.quote.hash, choice);
    return payment?.client_secret ? null : { type: "OUTCOME_UNKNOWN" };
  } catch (error) {
    const isRefusedChoice = error instanceof ApiProblem && CHOICE_REFUSED.has(error.code);
    // Nothing was confirmed, so nothing was charged by this; everything else is looked up.
    if (!isRefusedChoice && !(error instanceof NoAnswer)) return { type: "OUTCOME_UNKNOWN" };
    return notCharged({ tone: "error", title: "This way to pay could not be used", text: `${inWords(error)} No money was taken.` });
  }
}

const CHOICE_REFUSED = new Set(["unknown_method", "method_unusable", "consent_changed", "payment_state", "processor_refused"]);

async function outcome(orderId: string, confirm: () => Promise<PaymentIntentResult>): Promise<CheckoutEvent> {
  pendingPayment.remember(orderId);
  try {
    const result = await confirm();
    if (result.error) return refused(result.error);
    switch (result.paymentIntent.status) {
      case "requires_payment_method":
        return notCharged(declined(declineWords(undefined)));
      case "requires_action":
        return notCharged(bankNotFinished);
      default:
        return { type: "OUTCOME_UNKNOWN" };
    }
  } catch {
    return { type: "OUTCOME_UNKNOWN" };
  }
}

function refused(error: StripeError): CheckoutEvent {
  // The card fields say themselves what is missing or wrong.
  if (error.type === "validation_error") return notCharged(null);
  if (error.type === "card_error" || error.code === "payment_intent_authentication_failure") {
    return notCharged(declined(declineWords(error.decline_code ?? error.code, error.message)));
  }
  return { type: "OUTCOME_UNKNOWN" };
}

function notCharged(notice: Extract<CheckoutEvent, { type: "PAY_DECLINED" }>["notice"]): CheckoutEvent {
  pendingPayment.forget();
  return { type: "PAY_DECLINED", notice };
}
