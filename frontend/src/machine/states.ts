import type { Cart, Checkout, Config, NewCheckout } from "../api/types";
import type { FieldProblem } from "../api/problems";

/** Where the buyer stands. Every phase has one screen. */
export type Phase =
  | "loading"
  | "unavailable" // the shop could not be asked; nothing is known
  | "empty" // nothing in the cart
  | "details" // step 1: contact and address
  | "quoting" // the quote is being frozen
  | "preparing" // the payment is being made ready for the accepted quote
  | "stuck" // the payment could not be made ready; the buyer may try again
  | "payment" // step 2: the ways to pay
  | "paying" // the processor has been asked to take the money
  | "checking" // the outcome is not known yet; it is looked up until it is
  | "leaving" // the reservation is being given back
  | "left"
  | "placed" // paid, or reserved until the artisans accept
  | "expired"
  | "closed"; // canceled, or paid too late and refunded

/** The ways to pay that are offered on this page. Stripe's own page is a link beside them. */
export type PayMethod = "card" | "paypal";

/** A sentence for the buyer above the step; `tone` says how it is dressed and announced. */
export interface Notice {
  tone: "info" | "warning" | "error";
  title: string;
  text: string;
  /** A place where the buyer can mend it. */
  link?: { href: string; text: string };
}

export interface CheckoutState {
  phase: Phase;
  /** The order that is being paid, as in the page's address; null in step 1. */
  orderId: string | null;
  config: Config | null;
  cart: Cart | null;
  checkout: Checkout | null;
  /** What the buyer wants to pay with; null until they have said so. */
  method: PayMethod | null;
  notice: Notice | null;
  fieldErrors: readonly FieldProblem[];
  /** What step 1 sent, while it waits for the answer. */
  details: NewCheckout | null;
  /** How often the outcome was looked up without learning it. */
  lookups: number;
}

export type CheckoutEvent =
  | { type: "LOADED"; config: Config; cart: Cart; notice?: Notice }
  | { type: "CART_IS_EMPTY"; config: Config | null }
  | { type: "RESTORED"; config: Config; checkout: Checkout }
  | { type: "LOAD_FAILED"; notice: Notice }
  | { type: "RELOAD"; orderId: string | null; notice?: Notice }
  | { type: "DETAILS_SENT"; details: NewCheckout }
  | { type: "DETAILS_REFUSED"; notice: Notice; fieldErrors?: readonly FieldProblem[]; cart?: Cart }
  | { type: "QUOTED"; checkout: Checkout }
  | { type: "PREPARED"; checkout: Checkout; notice?: Notice }
  | { type: "PREPARE_FAILED"; notice: Notice }
  | { type: "PREPARE_AGAIN" }
  | { type: "METHOD_CHOSEN"; method: PayMethod }
  | { type: "PAY_PRESSED" }
  | { type: "PAY_DECLINED"; notice: Notice | null }
  | { type: "OUTCOME_UNKNOWN"; checkout?: Checkout; config?: Config }
  | { type: "LOOKED_UP"; checkout: Checkout }
  | { type: "LOOK_UP_FAILED" }
  | { type: "NOT_CHARGED"; checkout: Checkout; notice: Notice }
  | { type: "PLACED"; checkout: Checkout }
  | { type: "EXPIRED"; checkout?: Checkout }
  | { type: "CLOSED"; checkout: Checkout }
  | { type: "LEAVE" }
  | { type: "LEFT" }
  | { type: "LEAVE_FAILED"; notice: Notice };

export type EventType = CheckoutEvent["type"];

export const initialState: CheckoutState = {
  phase: "loading",
  orderId: null,
  config: null,
  cart: null,
  checkout: null,
  method: null,
  notice: null,
  fieldErrors: [],
  details: null,
  lookups: 0,
};
