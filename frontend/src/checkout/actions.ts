import { ApiProblem, inWords, NoAnswer } from "../api/problems";
import * as shop from "../api/shop";
import type { Checkout, Config, NewCheckout } from "../api/types";
import { outcomeOf } from "../machine/outcome";
import type { CheckoutEvent, Notice } from "../machine/states";
import { pendingPayment } from "./pending";

/** The conversation with the shop. Each function asks and answers with the event that the answer amounts to. */

/** Finds out where the buyer stands, on arrival and after a refresh. */
export async function load(orderId: string | null): Promise<CheckoutEvent> {
  try {
    const config = await shop.getConfig();
    const wanted = orderId ?? pendingPayment.read();
    const checkout = wanted === null ? null : await findCheckout(wanted);
    if (checkout !== null) {
      const resumed = resume(checkout, config, orderId !== null);
      if (resumed !== null) return resumed;
    }
    pendingPayment.forget();
    return await loadCart(config);
  } catch (error) {
    return { type: "LOAD_FAILED", notice: trouble("The checkout can't be shown", inWords(error)) };
  }
}

/** `named`: the page's address names this order. Otherwise it is only remembered that its payment was started here. */
function resume(checkout: Checkout, config: Config, named: boolean): CheckoutEvent | null {
  const outcome = outcomeOf(checkout);
  if (outcome.type === "LOOKED_UP") return { type: "OUTCOME_UNKNOWN", checkout, config };
  // The shop's record may be older than the processor's: a started payment is looked up before anything is offered.
  const started = pendingPayment.read() === checkout.id;
  if (outcome.type === "NOT_CHARGED" && started) return { type: "OUTCOME_UNKNOWN", checkout, config };
  if (!named) return null;
  return outcome.type === "NOT_CHARGED" ? { type: "RESTORED", checkout, config } : outcome;
}

async function findCheckout(id: string): Promise<Checkout | null> {
  try {
    return await shop.getCheckout(id);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null;
    throw error;
  }
}

async function loadCart(config: Config): Promise<CheckoutEvent> {
  const cart = await shop.getCart();
  return cart.items.length === 0 ? { type: "CART_IS_EMPTY", config } : { type: "LOADED", config, cart };
}

/** Step 1 is sent: the shop freezes the quote and reserves the goods. */
export async function sendDetails(details: NewCheckout): Promise<CheckoutEvent> {
  try {
    return { type: "QUOTED", checkout: await shop.createCheckout(details) };
  } catch (error) {
    return await detailsRefused(error);
  }
}

async function detailsRefused(error: unknown): Promise<CheckoutEvent> {
  if (!(error instanceof ApiProblem)) {
    return { type: "DETAILS_REFUSED", notice: trouble("The answer did not arrive", inWords(error)) };
  }
  if (error.code === "cart_empty") return { type: "CART_IS_EMPTY", config: null };
  if (error.code in CART_NOTICES) {
    const notice = CART_NOTICES[error.code] ?? trouble(error.title, error.detail);
    const cart = await shop.getCart().catch(() => undefined);
    if (cart?.items.length === 0) return { type: "CART_IS_EMPTY", config: null };
    return {
      type: "DETAILS_REFUSED",
      notice: error.code === "cart_changed" ? notice : { ...notice, text: `${error.detail} ${notice.text}` },
      ...(cart ? { cart } : {}),
    };
  }
  const fieldErrors = error.errors.map(({ field, message }) => ({
    field: field.replace("shipping_address.", ""),
    message,
  }));
  return { type: "DETAILS_REFUSED", notice: trouble("Please check what you entered", inWords(error)), fieldErrors };
}

const toCart = { href: "/cart/", text: "Go to your cart" };
const CART_NOTICES: Record<string, Notice> = {
  cart_changed: {
    tone: "warning",
    title: "Your cart has changed",
    text: "Goods or prices are different from what you saw. Please look at the summary again before you go on. Nothing was charged.",
    link: toCart,
  },
  out_of_stock: {
    tone: "warning",
    title: "Somebody was faster",
    text: "Nothing was charged. Please change your cart to go on.",
    link: toCart,
  },
  amount_too_small: {
    tone: "warning",
    title: "This is too little for one payment",
    text: "Nothing was charged. Please add something to your cart.",
    link: toCart,
  },
  amount_too_large: {
    tone: "warning",
    title: "This is too much for one payment",
    text: "Nothing was charged. Please divide it into several orders.",
    link: toCart,
  },
  cart_not_orderable: {
    tone: "warning",
    title: "Something in your cart can't be bought",
    text: "Nothing was charged. Please change your cart to go on.",
    link: toCart,
  },
};

/** The buyer has accepted the quote: the shop opens its one payment, or finds it again. */
export async function prepare(checkout: Checkout): Promise<CheckoutEvent> {
  try {
    const ready = await shop.confirmCheckout(checkout.id, checkout.quote.hash);
    const outcome = outcomeOf(ready);
    if (outcome.type === "LOOKED_UP") return { type: "OUTCOME_UNKNOWN", checkout: ready };
    if (outcome.type !== "NOT_CHARGED") return outcome;
    if (!ready.payment?.client_secret) {
      return { type: "PREPARE_FAILED", notice: trouble("The card form can't be opened", "Please try again in a moment.") };
    }
    // A payment that is only opened has no story; one that was refused, or waits for the bank, has.
    const past = ready.payment.last_error !== null || ready.payment.status === "requires_action";
    return { type: "PREPARED", checkout: ready, ...(past ? { notice: outcome.notice } : {}) };
  } catch (error) {
    return await prepareRefused(checkout, error);
  }
}

async function prepareRefused(checkout: Checkout, error: unknown): Promise<CheckoutEvent> {
  if (error instanceof ApiProblem) {
    if (error.code === "already_paid" || error.code === "payment_running") return { type: "OUTCOME_UNKNOWN" };
    if (error.code === "quote_expired") return { type: "EXPIRED" };
    if (error.code === "order_canceled") {
      const now = await shop.getCheckout(checkout.id).catch(() => null);
      return { type: "CLOSED", checkout: now ?? { ...checkout, status: "canceled" } };
    }
    if (error.code === "quote_mismatch" || error.status === 404) return { type: "RELOAD", orderId: null };
  }
  const title = error instanceof NoAnswer ? "The answer did not arrive" : "The card form can't be opened";
  return { type: "PREPARE_FAILED", notice: trouble(title, inWords(error)) };
}

/** The outcome of a payment is not known here: the shop asks the processor. */
export async function lookUp(orderId: string): Promise<CheckoutEvent> {
  try {
    const outcome = outcomeOf(await shop.settleCheckout(orderId));
    if (outcome.type !== "LOOKED_UP") pendingPayment.forget();
    return outcome;
  } catch {
    return { type: "LOOK_UP_FAILED" };
  }
}

/** The buyer goes back to the cart: the reservation is given back, unless the payment has gone through. */
export async function leave(orderId: string): Promise<CheckoutEvent> {
  try {
    const checkout = await shop.cancelCheckout(orderId);
    const outcome = outcomeOf(checkout).type;
    return outcome === "PLACED" || outcome === "LOOKED_UP" ? { type: "OUTCOME_UNKNOWN", checkout } : { type: "LEFT" };
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 409) return { type: "OUTCOME_UNKNOWN" };
    if (error instanceof ApiProblem && (error.status === 404 || error.status === 410)) return { type: "LEFT" };
    return { type: "LEAVE_FAILED", notice: trouble("The order could not be given up", inWords(error)) };
  }
}

function trouble(title: string, text: string): Notice {
  return { tone: "error", title, text };
}
