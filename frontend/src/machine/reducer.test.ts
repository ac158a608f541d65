import { describe, expect, it } from "vitest";
import { cart, checkout, config, ORDER_ID, payment } from "../test/data";
import { outcomeOf } from "./outcome";
import { reduce, TRANSITIONS } from "./reducer";
import { initialState, type CheckoutEvent, type EventType, type Phase } from "./states";

const notice = { tone: "info", title: "T", text: "t" } as const;
const EVENTS: { [T in EventType]: Extract<CheckoutEvent, { type: T }> } = {
  LOADED: { type: "LOADED", config, cart },
  CART_IS_EMPTY: { type: "CART_IS_EMPTY", config },
  RESTORED: { type: "RESTORED", config, checkout: checkout() },
  LOAD_FAILED: { type: "LOAD_FAILED", notice },
  RELOAD: { type: "RELOAD", orderId: null },
  DETAILS_SENT: {
    type: "DETAILS_SENT",
    details: { email: "a@example.com", cart_hash: "", shipping_address: checkout().shipping_address },
  },
  DETAILS_REFUSED: { type: "DETAILS_REFUSED", notice },
  QUOTED: { type: "QUOTED", checkout: checkout() },
  PREPARED: { type: "PREPARED", checkout: checkout() },
  PREPARE_FAILED: { type: "PREPARE_FAILED", notice },
  PREPARE_AGAIN: { type: "PREPARE_AGAIN" },
  METHOD_CHOSEN: { type: "METHOD_CHOSEN", method: "paypal" },
  PAY_PRESSED: { type: "PAY_PRESSED" },
  PAY_DECLINED: { type: "PAY_DECLINED", notice },
  OUTCOME_UNKNOWN: { type: "OUTCOME_UNKNOWN" },
  LOOKED_UP: { type: "LOOKED_UP", checkout: checkout() },
  LOOK_UP_FAILED: { type: "LOOK_UP_FAILED" },
  NOT_CHARGED: { type: "NOT_CHARGED", checkout: checkout(), notice },
  PLACED: { type: "PLACED", checkout: checkout({ status: "paid" }) },
  EXPIRED: { type: "EXPIRED" },
  CLOSED: { type: "CLOSED", checkout: checkout({ status: "canceled" }) },
  LEAVE: { type: "LEAVE" },
  LEFT: { type: "LEFT" },
  LEAVE_FAILED: { type: "LEAVE_FAILED", notice },
};
const PHASES = Object.keys(TRANSITIONS) as Phase[];

describe("the table", () => {
  it("reaches every phase from the first", () => {
    const reached = new Set<Phase>(["loading"]);
    for (const phase of reached) for (const next of Object.values(TRANSITIONS[phase])) reached.add(next);
    expect([...reached].sort()).toEqual([...PHASES].sort());
  });

  it("uses every event", () => {
    const used = new Set(PHASES.flatMap((phase) => Object.keys(TRANSITIONS[phase])));
    expect([...used].sort()).toEqual(Object.keys(EVENTS).sort());
  });

  it("takes no step that it does not name", () => {
    for (const phase of PHASES) {
      const state = { ...initialState, phase };
      for (const event of Object.values(EVENTS)) {
        const next = reduce(state, event);
        const named = TRANSITIONS[phase][event.type];
        if (named === undefined) expect(next, `${phase} ${event.type}`).toBe(state);
        else expect(next.phase, `${phase} ${event.type}`).toBe(named);
      }
    }
  });

  it("lets the buyer press the pay button in one phase only, and leads from a started payment to no form but by an answer", () => {
    expect(PHASES.filter((phase) => TRANSITIONS[phase].PAY_PRESSED)).toEqual(["payment"]);
    expect(TRANSITIONS.paying).toEqual({ PAY_DECLINED: "payment", OUTCOME_UNKNOWN: "checking", PLACED: "placed" });
    expect(TRANSITIONS.checking).not.toHaveProperty("RELOAD");
  });
});

describe("what is remembered", () => {
  it("the order, from the quote on", () => {
    const quoted = reduce({ ...initialState, phase: "quoting" }, EVENTS.QUOTED);
    expect(quoted.orderId).toBe(ORDER_ID);
    expect(reduce({ ...quoted, phase: "payment" }, EVENTS.RELOAD)).toMatchObject({ orderId: null, checkout: null });
  });

  it("how often the outcome was asked for, anew for each payment", () => {
    const checking = reduce({ ...initialState, phase: "checking", lookups: 3 }, EVENTS.LOOK_UP_FAILED);
    expect(checking.lookups).toBe(4);
    expect(reduce({ ...checking, phase: "paying" }, EVENTS.OUTCOME_UNKNOWN).lookups).toBe(0);
  });

  it("the reason of a refusal, until the card fields are open again", () => {
    const known = reduce({ ...initialState, phase: "checking" }, EVENTS.NOT_CHARGED);
    expect(reduce(known, EVENTS.PREPARED).notice).toEqual(notice);
  });
});

describe("what the shop's record means", () => {
  it.each([
    [checkout({ status: "paid" }), "PLACED"],
    [checkout({ status: "authorized" }), "PLACED"],
    [checkout({ status: "capturing" }), "PLACED"],
    [checkout({ status: "expired" }), "EXPIRED"],
    [checkout({ status: "canceled" }), "CLOSED"],
    [checkout({ status: "refunding" }), "CLOSED"],
    [checkout({ status: "refunded" }), "CLOSED"],
    [checkout({ status: "refund_failed" }), "CLOSED"],
    [checkout({ status: "processing" }), "LOOKED_UP"],
    [checkout(), "NOT_CHARGED"],
    [checkout({ payment: payment("created") }), "NOT_CHARGED"],
    [checkout({ payment: payment("requires_payment_method") }), "NOT_CHARGED"],
    [checkout({ payment: payment("requires_action") }), "NOT_CHARGED"],
    [checkout({ payment: payment("failed") }), "NOT_CHARGED"],
    [checkout({ payment: payment("canceled") }), "NOT_CHARGED"],
    // Money may have moved: the buyer is not asked to pay.
    [checkout({ payment: payment("unknown") }), "LOOKED_UP"],
    [checkout({ payment: payment("processing") }), "LOOKED_UP"],
    [checkout({ payment: payment("succeeded") }), "LOOKED_UP"],
    [checkout({ payment: payment("approved", { channel: "paypal" }) }), "LOOKED_UP"],
    [checkout({ payment: payment("authorized") }), "LOOKED_UP"],
  ])("%#: $status", (document, event) => {
    expect(outcomeOf(document).type).toBe(event);
  });
});
