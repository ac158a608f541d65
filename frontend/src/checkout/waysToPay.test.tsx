import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Checkout as CheckoutDocument } from "../api/types";
import { payPalWindowPolicy } from "../payment/PayPalWindow";
import { checkout, config, opened, ORDER_ID, payment, withPayPal } from "../test/data";
import { behaviour, installPayPal, payPalTells, pressPayPal, scriptsArrive } from "../test/paypal";
import { ok, problem, shop } from "../test/server";
import { confirmPayment, declinedWith, installStripe, succeeded } from "../test/stripe";
import { Checkout } from "./Checkout";
import { browserLocation } from "./location";
import { pendingPayment } from "./pending";

const user = userEvent.setup({ delay: null });
const leaveFor = vi.spyOn(browserLocation, "leaveFor");
const goTo = vi.spyOn(browserLocation, "goTo");
const cards = checkout({ payment: payment("requires_payment_method") });
const atPayPal = (more = {}) => checkout({ payment: opened(more) });

beforeEach(() => {
  installStripe();
  installPayPal();
  payPalWindowPolicy.lookMs = 60_000;
  leaveFor.mockReset().mockImplementation(() => undefined);
  goTo.mockReset().mockImplementation(() => undefined);
  shop.will("config", ok(withPayPal));
});
afterEach(() => {
  scriptsArrive("error");
});

async function open(): Promise<void> {
  window.history.replaceState(null, "", `/checkout/?order=${ORDER_ID}`);
  render(<Checkout />);
  await screen.findByRole("heading", { name: "Payment" });
}

const payPalChoice = () => screen.findByRole("radio", { name: /PayPal/ });
const payPalButton = () => screen.findByRole("button", { name: "PayPal" });

async function choosePayPal(): Promise<void> {
  await user.click(await payPalChoice());
  await waitFor(() => {
    expect(document.querySelector("script[src^='http://paypal.test']")).not.toBeNull();
  }).catch(() => undefined);
  scriptsArrive();
  await payPalButton();
}

async function openPayPalAfter(confirmed: CheckoutDocument): Promise<string | null> {
  shop.will("confirm", ok(cards), ok(confirmed), ok(cards));
  await open();
  await choosePayPal();
  let id: string | null = null;
  await act(async () => {
    id = await pressPayPal();
  });
  return id;
}

describe("the choice", () => {
  it.each([
    ["the shop does not take PayPal", config, cards],
    ["PayPal does not take the currency", withPayPal, checkout({ ...cards, quote: { ...cards.quote, currency: "KWD" } })],
  ])("is not there when %s", async (_, settings, document) => {
    shop.will("config", ok(settings));
    shop.will("get", ok(document));
    shop.will("confirm", ok(document));
    await open();
    await screen.findByRole("button", { name: /^Pay / });
    expect(screen.queryByRole("radio")).not.toBeInTheDocument();
  });

  it("can be made by keyboard, and keeps what was typed into the card fields", async () => {
    await open();
    const card = await screen.findByRole("radio", { name: /Card/ });
    card.focus();
    await user.keyboard("{ArrowDown}");
    expect(await payPalChoice()).toBeChecked();
    expect(screen.getByText("card fields")).not.toBeVisible();
    await user.keyboard("{ArrowUp}");
    expect(screen.getByText("card fields")).toBeVisible();
  });

  it("loads PayPal's script for the order's currency and intent, from where the shop says, and only when it is wanted", async () => {
    shop.will("confirm", ok(checkout({ ...cards, is_authorized_first: true })));
    await open();
    await payPalChoice();
    expect(document.querySelector("script[src*='paypal']")).toBeNull();
    await user.click(await payPalChoice());
    const script = await waitFor(() => {
      const found = document.querySelector<HTMLScriptElement>("script[src*='paypal']");
      if (!found) throw new Error("not yet");
      return found;
    });
    const address = new URL(script.src);
    expect(address.origin + address.pathname).toBe("http://paypal.test/sdk.js");
    expect(Object.fromEntries(address.searchParams)).toMatchObject({ "client-id": "sandbox-client", currency: "EUR", intent: "authorize" });
    scriptsArrive("error");
    expect(await screen.findByText("PayPal can't be reached")).toBeInTheDocument();
    expect(screen.getByRole("radio", { name: /Card/ })).toBeEnabled();
  });
});

describe("PayPal", () => {
  it("gets the order that the shop has made, and once approved the shop takes the money", async () => {
    expect(await openPayPalAfter(atPayPal())).toBe("5O190127TN364715T");
    expect(shop.times("confirm").at(-1)?.body).toEqual({
      quote_hash: checkout().quote.hash, channel: "paypal", method: "", save_method: false,
    });
    expect(pendingPayment.read()).toBe(ORDER_ID);
    act(() => { payPalTells("approved"); });
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
    expect(shop.times("settle")).toHaveLength(1);
    expect(pendingPayment.read()).toBeNull();
  });

  it("keeps asking while the shop is taking what was approved, and offers no other way meanwhile", async () => {
    shop.will("settle", ok(atPayPal({ status: "approved" })), ok(checkout({ status: "paid" })));
    await openPayPalAfter(atPayPal());
    act(() => { payPalTells("approved"); });
    expect(await screen.findByRole("heading", { name: "We are checking your payment" })).toBeInTheDocument();
    expect(screen.queryByRole("radio")).not.toBeInTheDocument();
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalled();
    });
  });

  it("says after a cancellation that nothing was charged, and offers both ways again", async () => {
    shop.will("settle", ok(atPayPal()));
    await openPayPalAfter(atPayPal());
    act(() => { payPalTells("canceled"); });
    expect(await screen.findByText("You have not paid with PayPal")).toBeInTheDocument();
    expect(screen.getByText(/nothing was charged/)).toBeInTheDocument();
    expect(await payPalChoice()).toBeChecked();
    expect(await payPalButton()).toBeVisible();
  });

  it("does not believe a closed window: what was approved before is paid", async () => {
    await openPayPalAfter(atPayPal());
    act(() => { payPalTells("canceled"); });
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
  });

  it("tells why PayPal's bank refused, and shows the button again", async () => {
    const last_error = { code: "instrument_declined", message: "Your bank or card declined this in PayPal." };
    shop.will("settle", ok(atPayPal({ last_error })));
    await openPayPalAfter(atPayPal());
    act(() => { payPalTells("approved"); });
    expect(await screen.findByRole("alert")).toHaveTextContent("Your bank or card declined this in PayPal. No money was taken.");
    expect(await payPalButton()).toBeVisible();
  });

  it("goes to PayPal's page where the browser blocks the window", async () => {
    await openPayPalAfter(atPayPal());
    act(() => { payPalTells(new Error("Can not open popup window - blocked")); });
    expect(goTo).toHaveBeenCalledWith("http://paypal.test/checkoutnow?token=5O190127TN364715T");
  });

  it("looks the payment up after any other error of PayPal's script", async () => {
    shop.will("settle", ok(atPayPal()));
    await openPayPalAfter(atPayPal());
    act(() => { payPalTells(new Error("zoid destroyed all components")); });
    expect(await screen.findByText("You have not paid with PayPal")).toBeInTheDocument();
    expect(goTo).not.toHaveBeenCalled();
  });

  it("opens nothing for an order that another window has paid", async () => {
    shop.will("confirm", ok(cards), problem(409, "already_paid", "This order is paid already."));
    await open();
    await choosePayPal();
    await act(async () => {
      expect(await pressPayPal()).toBeNull();
    });
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
  });

  it("says that nothing was charged when PayPal does not answer the shop", async () => {
    shop.will("confirm", ok(cards), problem(422, "processor_refused", "PayPal does not take this."));
    await open();
    await choosePayPal();
    await act(async () => {
      await pressPayPal();
    });
    expect(await screen.findByRole("alert")).toHaveTextContent("PayPal does not take this. Nothing was charged.");
    expect(pendingPayment.read()).toBeNull();
    expect(await payPalButton()).toBeVisible();
  });

  it("names an address that PayPal refuses, with the way to change it", async () => {
    shop.will("confirm", ok(cards), problem(409, "address_refused", "PayPal asks for a postcode in the delivery address."));
    await open();
    await choosePayPal();
    await act(async () => {
      await pressPayPal();
    });
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("The delivery address was not accepted");
    expect(alert).toHaveTextContent("PayPal asks for a postcode in the delivery address. No money was taken.");
    expect(screen.getByRole("link", { name: "Change the address" })).toHaveAttribute("href", "/checkout/");
    // Not as a payment that may be running: the first step is shown again.
    expect(pendingPayment.read()).toBeNull();
  });

  it("finds out by itself when everything but this page was closed after approving", async () => {
    payPalWindowPolicy.lookMs = 5;
    shop.will("get", ok(checkout()), ok(atPayPal()), ok(checkout({ status: "processing", payment: payment("processing") })));
    await openPayPalAfter(atPayPal());
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
  });

  it("looks the payment up when the buyer has lost PayPal's window", async () => {
    shop.will("settle", ok(atPayPal()));
    await openPayPalAfter(atPayPal());
    await user.click(screen.getByRole("button", { name: /don’t see PayPal’s window/ }));
    expect(await screen.findByText("You have not paid with PayPal")).toBeInTheDocument();
  });

  it("leaves the card as it was, which pays alone after a change of mind", async () => {
    shop.will("settle", ok(atPayPal()), ok(checkout({ status: "paid", payment: payment("succeeded") })));
    confirmPayment.mockResolvedValueOnce(succeeded);
    await openPayPalAfter(atPayPal());
    act(() => { payPalTells("canceled"); });
    await user.click(await screen.findByRole("radio", { name: /Card/ }));
    const button = await screen.findByRole("button", { name: "Pay €84.90" });
    await waitFor(() => {
      expect(button).toHaveAttribute("aria-disabled", "false");
    });
    await user.click(button);
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalled();
    });
    expect(confirmPayment).toHaveBeenCalledTimes(1);
  });

  it("is offered again to a buyer who comes back from PayPal's page", async () => {
    pendingPayment.remember(ORDER_ID);
    shop.will("get", ok(atPayPal()));
    shop.will("settle", ok(atPayPal()));
    await open();
    expect(await screen.findByText("You have not paid with PayPal")).toBeInTheDocument();
    expect(await payPalChoice()).toBeChecked();
  });

  it("says so where its button can't be used", async () => {
    behaviour.isEligible = false;
    await open();
    await user.click(await payPalChoice());
    scriptsArrive();
    expect(await screen.findByText(/PayPal can’t be used in this browser/)).toBeInTheDocument();
  });
});

describe("an order that is reserved first", () => {
  const reserved = { is_authorized_first: true };

  it("says before paying when the money is taken", async () => {
    shop.will("get", ok(checkout(reserved)));
    shop.will("confirm", ok(checkout({ ...cards, ...reserved })));
    await open();
    expect(await screen.findByRole("button", { name: "Order and reserve €84.90" })).toBeInTheDocument();
    expect(screen.getByText(/reserved on your card now and charged when the artisans confirm/)).toBeInTheDocument();
    expect(screen.getByText(/Reserved now, charged when the artisans confirm, and never more than this/)).toBeInTheDocument();
  });

  it.each(["authorized", "capturing"] as const)("leads to the order once it is %s", async (status) => {
    shop.will("get", ok(checkout({ ...reserved, status })));
    window.history.replaceState(null, "", `/checkout/?order=${ORDER_ID}`);
    render(<Checkout />);
    expect(await screen.findByRole("heading", { name: "Thank you, your order is placed" })).toBeInTheDocument();
    expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
  });
});

describe("Stripe's own page", () => {
  const link = () => screen.findByRole("button", { name: "Or pay on Stripe’s own page" });
  const page = { payment: "pay_3", status: "open", url: "http://stripe.test/c/pay/cs_1" };

  it("is made by the shop for the accepted quote, and the browser goes there", async () => {
    shop.will("hosted", ok(page, 201));
    await open();
    await user.click(await link());
    await waitFor(() => {
      expect(goTo).toHaveBeenCalledWith(page.url);
    });
    expect(shop.times("hosted")[0]?.body).toEqual({ checkout: ORDER_ID, quote_hash: checkout().quote.hash });
    expect(pendingPayment.read()).toBe(ORDER_ID);
    expect(screen.queryByRole("button", { name: /^Pay / })).not.toBeInTheDocument();
  });

  it("is not gone to when it was sent already: the outcome is looked up", async () => {
    shop.will("hosted", ok({ ...page, status: "complete", url: null }, 201));
    await open();
    await user.click(await link());
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
    expect(goTo).not.toHaveBeenCalled();
  });

  it("leaves the card form when it can't be opened", async () => {
    shop.will("hosted", problem(422, "processor_refused", "This is not possible."));
    confirmPayment.mockResolvedValueOnce(declinedWith("expired_card"));
    await open();
    await user.click(await link());
    expect(await screen.findByRole("alert")).toHaveTextContent("Stripe's page can't be opened");
    expect(await screen.findByRole("button", { name: /^Pay / })).toBeInTheDocument();
  });

  it("brings a buyer who cancels there back to the checkout as it was", async () => {
    pendingPayment.remember(ORDER_ID);
    const left = checkout({ payment: payment("requires_payment_method", { id: "pay_3", channel: "hosted" }) });
    shop.will("get", ok(left));
    shop.will("settle", ok(left));
    await open();
    expect(await screen.findByText("You have not paid yet")).toBeInTheDocument();
    expect(await screen.findByRole("button", { name: "Pay €84.90" })).toBeInTheDocument();
  });

  it("is looked up when the back button brings a kept page back", async () => {
    shop.will("hosted", ok(page, 201));
    await open();
    await user.click(await link());
    await waitFor(() => {
      expect(goTo).toHaveBeenCalled();
    });
    act(() => {
      window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    });
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
    });
  });
});
