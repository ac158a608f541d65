import type { Stripe, StripeElements, StripeError } from "@stripe/stripe-js";
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
  pendingPayment.remember(orderId);
  try {
    const result = await stripe.confirmPayment({
      elements,
      redirect: "if_required",
      confirmParams: { return_url: browserLocation.returnUrl(orderId) },
    });
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
