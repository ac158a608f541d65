import type { Checkout, PaymentStatus } from "../api/types";
import { declineWords } from "../payment/declines";
import type { CheckoutEvent, Notice } from "./states";

/** What the shop's own record says about a checkout, as an event. One place decides whether the buyer may pay again. */
export function outcomeOf(checkout: Checkout): CheckoutEvent {
  const { status } = checkout;
  switch (status) {
    case "paid":
    case "authorized":
    case "capturing":
      return { type: "PLACED", checkout };
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
    default:
      return unheardOf(status, { type: "LOOKED_UP", checkout });
  }
}

/** True while money may have moved or be moving: then the buyer is never asked to pay. */
export function isOpenQuestion(status: PaymentStatus | undefined): boolean {
  switch (status) {
    case undefined:
    case "created":
    case "requires_payment_method":
    case "requires_action":
    case "failed":
    case "canceled":
      return false;
    case "approved":
    case "authorized":
    case "processing":
    case "succeeded":
    case "unknown":
      return true;
    default:
      return unheardOf(status, true);
  }
}

/** The compiler knows that nothing gets here; a newer shop may say a word all the same, and then nobody pays again. */
function unheardOf<T>(...[, answer]: [word: never, answer: T]): T {
  return answer;
}

function whyNot(checkout: Checkout): Notice {
  const { payment } = checkout;
  // The last error may be that of an earlier attempt; a check that waits for the buyer is the newest news.
  if (payment?.status === "requires_action" && payment.channel !== "paypal") return bankNotFinished;
  const error = payment?.last_error ?? null;
  if (error?.code === "shipping_address_invalid") return addressNotice(checkout, error.message);
  if (error) return declined(payment?.channel === "paypal" ? error.message : declineWords(error.code, error.message));
  if (payment?.channel === "paypal") return payPalNotFinished;
  if (payment?.channel === "hosted") return hostedNotFinished;
  return {
    tone: "warning",
    title: "The payment did not go through",
    text: "We have asked the payment service: no money was taken. You can pay now.",
  };
}

export function declined(text: string): Notice {
  return { tone: "error", title: "The payment was not accepted", text: `${text} No money was taken.`.trim() };
}

/** The address is entered in the first step; what a refund that came by mistake is paid back with has none to change. */
export function addressNotice(checkout: Checkout, text: string): Notice {
  return {
    tone: "error",
    title: "The delivery address was not accepted",
    text: `${text} No money was taken.`,
    ...(checkout.repayment_url === null && { link: { href: "/checkout/", text: "Change the address" } }),
  };
}

export const bankNotFinished: Notice = {
  tone: "warning",
  title: "Your bank's check was not finished",
  text: "No money was taken. Press the pay button again to repeat the check, or use another card.",
};

const payPalNotFinished: Notice = {
  tone: "info",
  title: "You have not paid with PayPal",
  text: "The payment was not confirmed there, and nothing was charged. You can try again or pay in another way.",
};

const hostedNotFinished: Notice = {
  tone: "info",
  title: "You have not paid yet",
  text: "You came back from Stripe's page without paying, and nothing was charged. You can pay here or there.",
};
