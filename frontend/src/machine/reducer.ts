import type { Checkout } from "../api/types";
import type { CheckoutEvent, CheckoutState, EventType, PayMethod, Phase } from "./states";

/**
 * The whole life of the checkout page: from a phase, by an event, to a phase. What is not in the table does not happen:
 * a second press of the pay button, an answer that comes after the buyer has left, a countdown that runs out while the
 * money is being taken.
 */
export const TRANSITIONS: Record<Phase, Partial<Record<EventType, Phase>>> = {
  loading: {
    LOADED: "details",
    CART_IS_EMPTY: "empty",
    RESTORED: "preparing",
    LOAD_FAILED: "unavailable",
    OUTCOME_UNKNOWN: "checking",
    PLACED: "placed",
    EXPIRED: "expired",
    CLOSED: "closed",
  },
  unavailable: { RELOAD: "loading" },
  empty: { RELOAD: "loading" },
  details: { DETAILS_SENT: "quoting", CART_IS_EMPTY: "empty", RELOAD: "loading" },
  quoting: { QUOTED: "preparing", DETAILS_REFUSED: "details", CART_IS_EMPTY: "empty" },
  preparing: {
    PREPARED: "payment",
    PREPARE_FAILED: "stuck",
    OUTCOME_UNKNOWN: "checking",
    PLACED: "placed",
    EXPIRED: "expired",
    CLOSED: "closed",
    LEAVE: "leaving",
    RELOAD: "loading",
  },
  stuck: { PREPARE_AGAIN: "preparing", LEAVE: "leaving", EXPIRED: "expired", RELOAD: "loading" },
  payment: {
    METHOD_CHOSEN: "payment",
    PAY_PRESSED: "paying",
    OUTCOME_UNKNOWN: "checking",
    PLACED: "placed",
    EXPIRED: "expired",
    CLOSED: "closed",
    LEAVE: "leaving",
    RELOAD: "loading",
  },
  paying: { PAY_DECLINED: "payment", OUTCOME_UNKNOWN: "checking", PLACED: "placed" },
  checking: {
    LOOKED_UP: "checking",
    LOOK_UP_FAILED: "checking",
    NOT_CHARGED: "preparing",
    PLACED: "placed",
    EXPIRED: "expired",
    CLOSED: "closed",
  },
  leaving: { LEFT: "left", LEAVE_FAILED: "stuck", OUTCOME_UNKNOWN: "checking" },
  left: { RELOAD: "loading" },
  placed: { RELOAD: "loading" },
  expired: { RELOAD: "loading" },
  closed: { RELOAD: "loading" },
};

export function reduce(state: CheckoutState, event: CheckoutEvent): CheckoutState {
  const phase = TRANSITIONS[state.phase][event.type];
  return phase === undefined ? state : { ...learn(state, event), phase };
}

/** What the event tells us, apart from the phase. A notice lives until the next event. */
function learn(state: CheckoutState, event: CheckoutEvent): CheckoutState {
  const next: CheckoutState = { ...state, notice: null, fieldErrors: [] };
  switch (event.type) {
    case "LOADED":
      return {
        ...next,
        orderId: null,
        config: event.config,
        cart: event.cart,
        checkout: null,
        notice: event.notice ?? state.notice,
      };
    case "CART_IS_EMPTY":
      return { ...next, orderId: null, config: event.config ?? state.config, cart: null, checkout: null };
    case "RESTORED":
      return withCheckout({ ...next, config: event.config, method: methodOf(event.checkout) }, event.checkout);
    case "LOAD_FAILED":
    case "PREPARE_FAILED":
    case "LEAVE_FAILED":
    case "PAY_DECLINED":
      return { ...next, notice: event.notice };
    case "DETAILS_REFUSED":
      return {
        ...next,
        notice: event.notice,
        fieldErrors: event.fieldErrors ?? [],
        cart: event.cart ?? state.cart,
      };
    case "QUOTED":
    case "CLOSED":
    case "PLACED":
      return withCheckout(next, event.checkout);
    case "PREPARED":
      // What was learned while the outcome was looked up is still to be read above the ways to pay.
      return withCheckout({ ...next, notice: event.notice ?? state.notice }, event.checkout);
    case "EXPIRED":
      return withCheckout(next, event.checkout ?? state.checkout);
    case "NOT_CHARGED":
      return withCheckout({ ...next, notice: event.notice, lookups: 0 }, event.checkout);
    case "OUTCOME_UNKNOWN":
      return withCheckout(
        {
          ...next,
          config: event.config ?? state.config,
          // Only a page that has just been opened does not know what the buyer chose.
          method: event.config && event.checkout ? methodOf(event.checkout) : state.method,
          lookups: 0,
        },
        event.checkout ?? state.checkout,
      );
    case "LOOKED_UP":
      return withCheckout({ ...next, lookups: state.lookups + 1 }, event.checkout);
    case "LOOK_UP_FAILED":
      return { ...next, lookups: state.lookups + 1 };
    case "RELOAD":
      return { ...next, orderId: event.orderId, checkout: null, notice: event.notice ?? null };
    case "METHOD_CHOSEN":
      return { ...next, method: event.method };
    case "DETAILS_SENT":
      return { ...next, details: event.details };
    case "LEFT":
    case "PREPARE_AGAIN":
    case "PAY_PRESSED":
    case "LEAVE":
      return next;
  }
}

/** What a buyer who comes back was paying with. The card form is opened for everybody, and says nothing of a wish. */
function methodOf(checkout: Checkout): PayMethod | null {
  return checkout.payment?.channel === "paypal" ? "paypal" : null;
}

function withCheckout(state: CheckoutState, checkout: Checkout | null): CheckoutState {
  return { ...state, checkout, orderId: checkout?.id ?? state.orderId };
}
