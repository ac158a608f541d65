import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import type { Cart, Checkout as CheckoutDocument } from "../api/types";
import { cart, checkout, config, emptyCart, ORDER_ID, payment, registered } from "../test/data";
import { lost, ok, problem, shop } from "../test/server";
import { behaviour, confirmPayment, created, declinedWith, installStripe, succeeded } from "../test/stripe";
import { Checkout } from "./Checkout";
import { browserLocation } from "./location";
import { pendingPayment } from "./pending";

const user = userEvent.setup({ delay: null });
let clock: MockInstance<() => number> | undefined;
const leaveFor = vi.spyOn(browserLocation, "leaveFor");

beforeEach(() => {
  installStripe();
  leaveFor.mockReset().mockImplementation(() => undefined);
});
afterEach(() => {
  clock?.mockRestore();
});

async function open(address = "/checkout/"): Promise<void> {
  window.history.replaceState(null, "", address);
  render(<Checkout />);
  await waitFor(() => {
    expect(screen.queryByText("Loading the checkout …")).not.toBeInTheDocument();
  });
  // What follows a rendering (the address bar, leaving the page) has happened too.
  await act(() => Promise.resolve());
}

const TYPED = {
  "E-mail": "guest@example.com",
  "Full name": "Ana Costa",
  "Street and number": "Rua das Flores 12",
  "Postal code": "4050-262",
  "Town or city": "Porto",
  Country: "PT",
};

function fillIn(): void {
  for (const [label, value] of Object.entries(TYPED)) fireEvent.change(screen.getByLabelText(label), { target: { value } });
}

const continueButton = () => screen.getByRole("button", { name: /Continue to payment/ });
const payButton = () => screen.findByRole("button", { name: "Pay €84.90" });

async function readyToPay(): Promise<HTMLElement> {
  const button = await payButton();
  await waitFor(() => {
    expect(button).toHaveAttribute("aria-disabled", "false");
  });
  return button;
}

async function goToPayment(): Promise<HTMLElement> {
  await open();
  fillIn();
  await user.click(continueButton());
  return readyToPay();
}

function letMinutesPass(minutes: number): void {
  const { now } = Date;
  clock = vi.spyOn(Date, "now").mockImplementation(() => now() + minutes * 60_000);
}

const paid = (more: Partial<CheckoutDocument> = {}) => checkout({ status: "paid", payment: payment("succeeded"), ...more });

describe("step 1", () => {
  it("says so when the cart is empty", async () => {
    shop.will("cart", ok(emptyCart));
    await open();
    expect(screen.getByRole("heading", { name: "Your cart is empty" })).toHaveFocus();
  });

  it("shows what is bought from whom, with shipping and total", async () => {
    await open();
    const summary = screen.getByRole("region", { name: "Order summary" });
    const anna = within(summary).getByRole("region", { name: "From Anna, potter" });
    expect(anna).toHaveTextContent("Breakfast bowl2 pieces€56.00Shipping of this parcel€6.90");
    expect(summary).toHaveTextContent("Goods€71.00Shipping€13.90Total€84.90");
  });

  it("names every mistake beside its field, lists them, and asks the shop nothing", async () => {
    await open();
    await user.click(continueButton());
    expect(screen.getByRole("alert")).toHaveFocus();
    expect(screen.getByLabelText("E-mail")).toHaveAccessibleDescription(/Enter your e-mail address/);
    expect(screen.getByLabelText("E-mail")).toBeInvalid();
    expect(screen.getByLabelText(/Telephone/)).not.toBeInvalid();
    await user.click(screen.getByRole("link", { name: "Choose the country" }));
    expect(screen.getByLabelText("Country")).toHaveFocus();
    expect(shop.times("create")).toHaveLength(0);
  });

  it("sends contact, address and the hash of the cart that was shown, and no amount", async () => {
    await goToPayment();
    const [asked] = shop.times("create");
    expect(asked?.body).toEqual({
      email: "guest@example.com",
      cart_hash: cart.hash,
      shipping_address: checkout().shipping_address,
    });
    expect(asked?.csrf).toBe("token-of-the-test");
    expect(asked?.key).toMatch(/^web-[0-9a-f]{32}$/);
  });

  it("offers a registered buyer the saved addresses", async () => {
    shop.will("config", ok(registered));
    await open();
    expect(screen.getByLabelText("E-mail")).toHaveValue("ana@example.com");
    expect(screen.getByRole("radio", { name: /Ana Costa/ })).toBeChecked();
    await user.click(screen.getByRole("radio", { name: /Ana at work/ }));
    expect(screen.getByLabelText("Town or city")).toHaveValue("Visby");
    await user.click(screen.getByRole("radio", { name: "Another address" }));
    expect(screen.getByLabelText("Town or city")).toHaveValue("");
  });

  it("keeps what was typed over a refresh", async () => {
    await open();
    fillIn();
    cleanup();
    await open();
    expect(screen.getByLabelText("Full name")).toHaveValue("Ana Costa");
  });

  it("shows the shop's own objections beside their fields", async () => {
    const errors = [{ field: "shipping_address.postal_code", message: "This is no Portuguese postal code." }];
    shop.will("create", problem(400, "invalid_request", "Check the fields named below.", { errors }));
    await open();
    fillIn();
    await user.click(continueButton());
    await waitFor(() => {
      expect(screen.getByLabelText("Postal code")).toHaveAccessibleDescription("This is no Portuguese postal code.");
    });
  });

  it("shows the new cart when goods or prices have changed", async () => {
    const dearer: Cart = { ...cart, hash: "c".repeat(64), total_minor: 9990 };
    shop.will("cart", ok(cart), ok(dearer));
    shop.will("create", problem(409, "cart_changed", "The cart has changed."), ok(checkout(), 201));
    await open();
    fillIn();
    await user.click(continueButton());
    expect(await screen.findByText("Your cart has changed")).toBeInTheDocument();
    expect(screen.getByRole("region", { name: "Order summary" })).toHaveTextContent("Total€99.90");
    await user.click(continueButton());
    await payButton();
    const [first, second] = shop.times("create");
    expect(second?.body).toMatchObject({ cart_hash: dearer.hash });
    expect(second?.key).not.toBe(first?.key);
  });

  it("names what is sold out and leads to the cart", async () => {
    shop.will("create", problem(409, "out_of_stock", "Not available in this number any more: Wool scarf."));
    await open();
    fillIn();
    await user.click(continueButton());
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Not available in this number any more: Wool scarf. Nothing was charged.");
    expect(within(alert).getByRole("link", { name: "Go to your cart" })).toHaveAttribute("href", "/cart/");
    expect(alert).toHaveFocus();
  });

  it("tells of an order that is too small to be charged, and leads to the cart", async () => {
    shop.will("create", problem(400, "amount_too_small", "€0.40 is too little to be charged: an order comes to €0.50 at least."));
    await open();
    fillIn();
    await user.click(continueButton());
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("an order comes to €0.50 at least. Nothing was charged. Please add something to your cart.");
    expect(within(alert).getByRole("link", { name: "Go to your cart" })).toHaveAttribute("href", "/cart/");
  });

  it("does not go on with a cart that can't be bought", async () => {
    shop.will("cart", ok({ ...cart, can_check_out: false }));
    await open();
    expect(screen.queryByRole("button", { name: /Continue/ })).not.toBeInTheDocument();
    expect(screen.getByRole("alert")).toHaveTextContent("can't be bought");
  });

  it("asks again under the same key when the answer was lost, also when the buyer has to press again", async () => {
    shop.will("create", lost, lost, lost, lost, ok(checkout(), 201));
    await open();
    fillIn();
    await user.click(continueButton());
    expect(await screen.findByText("The answer did not arrive")).toBeInTheDocument();
    await user.click(continueButton());
    await payButton();
    const keys = shop.times("create").map(({ key }) => key);
    expect(keys).toHaveLength(5);
    expect(new Set(keys).size).toBe(1);
  });

  it("sends a double click once", async () => {
    await open();
    fillIn();
    await user.dblClick(continueButton());
    await payButton();
    expect(shop.times("create")).toHaveLength(1);
  });

  it("can be tried again when the shop is not there", async () => {
    shop.will("config", lost, lost, lost, lost, ok(config));
    await open();
    expect(screen.getByRole("alert")).toHaveTextContent("could not reach the shop");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByLabelText("E-mail")).toBeInTheDocument();
  });
});

describe("step 2", () => {
  it("accepts the quote, opens the card fields with its secret, and says until when goods are reserved", async () => {
    await goToPayment();
    expect(shop.times("confirm")[0]?.body).toEqual({ quote_hash: checkout().quote.hash });
    expect(created.at(-1)?.elements).toMatchObject({ clientSecret: "pi_1_secret_2" });
    expect(created.at(-1)?.payment).toMatchObject({ defaultValues: { billingDetails: { address: { country: "PT" } } } });
    expect(screen.getByText(/Reserved for you until/)).toHaveTextContent(/\d\d:\d\d · (30|29) min left/);
    expect(window.location.search).toBe(`?order=${ORDER_ID}`);
  });

  it("pays once on a double click and goes to the order", async () => {
    confirmPayment.mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return succeeded;
    });
    await user.dblClick(await goToPayment());
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
    expect(confirmPayment).toHaveBeenCalledTimes(1);
    expect(confirmPayment.mock.calls[0]?.[0]).toMatchObject({
      redirect: "if_required",
      confirmParams: { return_url: `http://shop.test/checkout/return/?order=${ORDER_ID}` },
    });
    expect(shop.times("settle")).toHaveLength(1);
    expect(pendingPayment.read()).toBeNull();
  });

  it("says why a card was refused and takes another on the same payment", async () => {
    confirmPayment.mockResolvedValueOnce(declinedWith("insufficient_funds")).mockResolvedValueOnce(succeeded);
    await user.click(await goToPayment());
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("There is not enough money on this card. Please use another card. No money was taken.");
    expect(alert).toHaveFocus();
    expect(pendingPayment.read()).toBeNull();
    await user.click(await readyToPay());
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalled();
    });
    expect(shop.times("confirm")).toHaveLength(1);
    expect(created).toHaveLength(1);
  });

  it("says when the bank could not confirm the buyer", async () => {
    const error = { type: "invalid_request_error", code: "payment_intent_authentication_failure", message: "failed" };
    confirmPayment.mockResolvedValueOnce({ error });
    await user.click(await goToPayment());
    expect(await screen.findByRole("alert")).toHaveTextContent("Your bank could not confirm that it is you.");
    expect(await readyToPay()).toBeEnabled();
  });

  it("leaves mistakes in the card fields to the card fields", async () => {
    confirmPayment.mockResolvedValueOnce({ error: { type: "validation_error", code: "incomplete_number" } });
    await user.click(await goToPayment());
    await readyToPay();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(shop.times("settle")).toHaveLength(0);
  });

  it.each([
    ["no answer from the processor", () => Promise.resolve({ error: { type: "api_connection_error" } })],
    ["an exception", () => Promise.reject(new Error("the frame is gone"))],
    ["a state that another tab has changed", () =>
      Promise.resolve({ error: { type: "invalid_request_error", code: "payment_intent_unexpected_state" } })],
  ])("looks the outcome up after %s, and does not offer to pay meanwhile", async (_, answer) => {
    shop.will("settle", ok(checkout({ status: "processing", payment: payment("processing") })), ok(paid()));
    confirmPayment.mockImplementationOnce(answer);
    await user.click(await goToPayment());
    expect(await screen.findByRole("heading", { name: "We are checking your payment" })).toHaveFocus();
    expect(screen.getByText(/do not pay again/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Pay/ })).not.toBeInTheDocument();
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
    expect(confirmPayment).toHaveBeenCalledTimes(1);
  });

  it("keeps asking under new keys while the shop can't be reached, and says that it takes long", async () => {
    shop.will("settle", ...Array.from({ length: 32 }, () => lost), ok(paid()));
    confirmPayment.mockResolvedValueOnce(succeeded);
    await user.click(await goToPayment());
    expect(await screen.findByText(/This takes longer than usual/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "The page of your order" })).toHaveAttribute("href", `/orders/${ORDER_ID}/`);
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalled();
    });
    const keys = shop.times("settle").map(({ key }) => key);
    expect(keys.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => keys[0]));
    expect(keys[4]).not.toBe(keys[0]);
  });

  it("lets the buyer pay when the look-up shows that nothing was taken", async () => {
    shop.will("settle", ok(checkout({ payment: payment("requires_payment_method") })));
    confirmPayment.mockResolvedValueOnce({ error: { type: "api_connection_error" } });
    await user.click(await goToPayment());
    expect(await screen.findByText(/no money was taken/)).toBeInTheDocument();
    await readyToPay();
  });

  it("tells when the reservation has ended before the payment was opened", async () => {
    shop.will("confirm", problem(410, "quote_expired", "This offer has expired."));
    await open();
    fillIn();
    await user.click(continueButton());
    expect(await screen.findByRole("heading", { name: "Your reservation has ended" })).toHaveFocus();
    await user.click(screen.getByRole("button", { name: "Reserve again" }));
    expect(await screen.findByLabelText("Full name")).toHaveValue("Ana Costa");
    await waitFor(() => {
      expect(window.location.search).toBe("");
    });
  });

  it("ends by itself when the time runs out", async () => {
    await goToPayment();
    letMinutesPass(31);
    expect(await screen.findByText("Your reservation has ended", {}, { timeout: 3000 })).toBeInTheDocument();
  });

  it("does not end while the money is being taken", async () => {
    let answer: (value: unknown) => void = () => undefined;
    confirmPayment.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    await user.click(await goToPayment());
    letMinutesPass(31);
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(screen.getByRole("button", { name: "Paying …" })).toBeInTheDocument();
    answer(succeeded);
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalled();
    });
  });

  it("repeats a lost confirmation under the same key", async () => {
    shop.will("confirm", lost, ok(checkout({ payment: payment("requires_payment_method") })));
    await goToPayment();
    const [first, second] = shop.times("confirm");
    expect(second?.key).toBe(first?.key);
  });

  it("can be tried again when the payment could not be opened", async () => {
    shop.will("confirm", problem(503, "unavailable"), problem(503, "unavailable"), problem(503, "unavailable"),
      problem(503, "unavailable"), ok(checkout({ payment: payment("requires_payment_method") })));
    await open();
    fillIn();
    await user.click(continueButton());
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    await readyToPay();
  });

  it("says when the card fields can't be shown", async () => {
    behaviour.becomesReady = false;
    await open();
    fillIn();
    await user.click(continueButton());
    expect(await screen.findByText("The card form could not be shown")).toBeInTheDocument();
  });

  it("gives the reservation back when the buyer gives up", async () => {
    await goToPayment();
    await user.click(screen.getByRole("button", { name: /Give up this order/ }));
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith("/cart/");
    });
    expect(shop.times("cancel")).toHaveLength(1);
  });

  it("shows the order when giving up comes after the payment", async () => {
    shop.will("cancel", problem(409, "already_paid", "This order is paid already."));
    await goToPayment();
    await user.click(screen.getByRole("button", { name: /Give up this order/ }));
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
  });

  it("goes back to step 1 by the browser's back button", async () => {
    await goToPayment();
    window.history.back();
    expect(await screen.findByRole("button", { name: /Continue to payment/ })).toBeInTheDocument();
    expect(screen.getByLabelText("Full name")).toHaveValue("Ana Costa");
  });
});

describe("coming back", () => {
  const here = `/checkout/?order=${ORDER_ID}`;

  it("finds step 2 again after a refresh", async () => {
    await open(here);
    await readyToPay();
    expect(shop.times("create")).toHaveLength(0);
  });

  it("tells the last refusal after a refresh", async () => {
    const last_error = { code: "expired_card", message: "" };
    shop.will("confirm", ok(checkout({ payment: payment("requires_payment_method", { last_error }) })));
    await open(here);
    expect(await screen.findByText(/This card has expired/)).toBeInTheDocument();
  });

  it("tells of a bank's check that was left, though an older refusal is known", async () => {
    const last_error = { code: "expired_card", message: "" };
    shop.will("confirm", ok(checkout({ payment: payment("requires_action", { last_error }) })));
    await open(here);
    expect(await screen.findByText("Your bank's check was not finished")).toBeInTheDocument();
  });

  it("goes to the order when it is paid already", async () => {
    shop.will("get", ok(paid()));
    await open(here);
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
  });

  it("looks up a payment that was started here before anything else is offered, in a new tab too", async () => {
    pendingPayment.remember(ORDER_ID);
    await open();
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
    expect(shop.times("cart")).toHaveLength(0);
  });

  it("starts a new checkout after an earlier one was paid", async () => {
    pendingPayment.remember(ORDER_ID);
    shop.will("get", ok(paid()));
    await open();
    expect(screen.getByLabelText("E-mail")).toBeInTheDocument();
    expect(pendingPayment.read()).toBeNull();
  });

  it("waits for a payment that is being processed", async () => {
    shop.will("get", ok(checkout({ status: "processing", payment: payment("processing") })));
    await open(here);
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalled();
    });
    expect(shop.times("confirm")).toHaveLength(0);
    expect(shop.times("settle")).toHaveLength(1);
  });

  it.each([
    ["canceled", "This checkout was closed"],
    ["refunded", "Your payment came too late"],
    ["refunding", "Your payment came too late"],
    ["expired", "Your reservation has ended"],
  ] as const)("tells the truth about an order that is %s", async (status, heading) => {
    shop.will("get", ok(checkout({ status })));
    await open(here);
    expect(screen.getByRole("heading", { name: heading })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Pay/ })).not.toBeInTheDocument();
  });

  it("starts anew for an order that is not the buyer's", async () => {
    shop.will("get", problem(404, "not_found"));
    await open(here);
    expect(screen.getByLabelText("E-mail")).toBeInTheDocument();
    expect(window.location.search).toBe("");
  });

  it("has nothing to show when another tab has replaced the order", async () => {
    shop.will("confirm", problem(410, "order_canceled", "Replaced."));
    shop.will("get", ok(checkout()), ok(checkout({ status: "canceled" })));
    await open(here);
    expect(await screen.findByText("This checkout was closed")).toBeInTheDocument();
  });
});
