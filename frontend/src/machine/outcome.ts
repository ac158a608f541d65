import type { Checkout, PaymentStatus } from "../api/types";
import { declineWords } from "../payment/declines";
import type { CheckoutEvent, Notice } from "./states";

/** What the shop's own record says about a checkout, as an event. One place decides whether the buyer may pay again. */
export function outcomeOf(checkout: Checkout): CheckoutEvent {
  switch (checkout.status) {
    case "paid":
      return { type: "PAID", checkout };
    case "expired":
      return { type: "EXPIRED", checkout };
    case "canceled":
    case "refunding":
    case "refunded":
    case "refund_failed":
      return { type: "CLOSED", checkout };
    case "processing":
      return { type: "LOOKED_UP", checkout };
    case "awaiting_payment":
      return isOpenQuestion(checkout.payment?.status)
        ? { type: "LOOKED_UP", checkout }
        : { type: "NOT_CHARGED", checkout, notice: whyNot(checkout) };
  }
}

/** True while money may have moved or be moving: then the buyer is never asked to pay. */
export function isOpenQuestion(status: PaymentStatus | undefined): boolean {
  return status === "processing" || status === "unknown" || status === "succeeded";
}

function whyNot(checkout: Checkout): Notice {
  // The last error may be that of an earlier attempt; a bank's check that waits is the newest news.
  if (checkout.payment?.status === "requires_action") return bankNotFinished;
  const error = checkout.payment?.last_error ?? null;
  if (error) return declined(declineWords(error.code, error.message));
  return {
    tone: "warning",
    title: "The payment did not go through",
    text: "We have asked the payment service: no money was taken. You can pay now.",
  };
}

export function declined(text: string): Notice {
  return { tone: "error", title: "The payment was not accepted", text: `${text} No money was taken.` };
}

export const bankNotFinished: Notice = {
  tone: "warning",
  title: "Your bank's check was not finished",
  text: "No money was taken. Press the pay button again to repeat the check, or use another card.",
};
