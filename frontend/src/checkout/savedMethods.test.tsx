import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { payPalWindowPolicy } from "../payment/PayPalWindow";
import { account, checkout, CONSENT, opened, ORDER_ID, payment, registered, visa, withPayPal } from "../test/data";
import { installPayPal, pressPayPal, scriptsArrive } from "../test/paypal";
import { lost, ok, problem, shop } from "../test/server";
import { confirmCardPayment, confirmPayment, installStripe, succeeded } from "../test/stripe";
import { Checkout } from "./Checkout";
import { browserLocation } from "./location";
import { pendingPayment } from "./pending";

const user = userEvent.setup({ delay: null });
const leaveFor = vi.spyOn(browserLocation, "leaveFor");
const goTo = vi.spyOn(browserLocation, "goTo");
const buyer = { ...registered, paypal: withPayPal.paypal, save_consent: CONSENT };
const cards = checkout({ payment: payment("requires_payment_method") });
const paid = checkout({ status: "paid", payment: payment("succeeded", { channel: "paypal" }) });
const usual = { ...account, is_default: true };

beforeEach(() => {
  installStripe();
  installPayPal();
  payPalWindowPolicy.lookMs = 60_000;
  leaveFor.mockReset().mockImplementation(() => undefined);
  goTo.mockReset().mockImplementation(() => undefined);
  shop.will("config", ok(buyer));
});
afterEach(() => {
  scriptsArrive("error");
});

function keeps(...methods: unknown[]): void {
  shop.will("methods", ok({ consent_text: CONSENT, methods }));
}

async function open(document = cards): Promise<void> {
  shop.will("confirm", ok(document));
  window.history.replaceState(null, "", `/checkout/?order=${ORDER_ID}`);
  render(<Checkout />);
  await screen.findByRole("heading", { name: "Payment" });
}

const pay = () => screen.findByRole("button", { name: "Pay €84.90 with PayPal" });
const toTheOrder = () =>
  waitFor(() => {
    expect(leaveFor).toHaveBeenCalledWith(`/orders/${ORDER_ID}/`);
  });

describe("a saved PayPal account", () => {
  it("that is the usual one is offered first and pays in one press", async () => {
    keeps(usual, { ...visa, is_default: false });
    await open();
    const button = await pay();
    expect(screen.getByRole("radio", { name: /^PayPal ?With/ })).toBeChecked();
    expect(screen.getByRole("radio", { name: account.label })).toBeChecked();
    expect(document.querySelector("script[src*='paypal']")).toBeNull();
    shop.will("confirm", ok(paid));
    await user.dblClick(button);
    await toTheOrder();
    expect(shop.times("confirm").slice(1).map(({ body }) => body)).toEqual([
      { quote_hash: checkout().quote.hash, channel: "paypal", method: account.id, save_method: false },
    ]);
    expect(pendingPayment.read()).toBeNull();
    expect(confirmPayment).not.toHaveBeenCalled();
  });

  it("that is not the usual one waits behind PayPal, and the usual card is marked", async () => {
    keeps(visa, account);
    await open();
    expect(await screen.findByRole("radio", { name: /Visa ending in 4242/ })).toBeChecked();
    await user.click(screen.getByRole("radio", { name: /^PayPal ?With/ }));
    expect(await pay()).toBeVisible();
  });

  it("says of an order that is reserved first when the money is taken", async () => {
    keeps(usual);
    await open(checkout({ ...cards, is_authorized_first: true }));
    expect(await screen.findByRole("button", { name: "Order and reserve €84.90 with PayPal" })).toBeVisible();
    expect(screen.getByText(/reserved in your PayPal account a\*\*\*r@example\.org now and charged when the artisans confirm/)).toBeVisible();
  });

  it("that is refused says why and that no money was taken, and offers PayPal's window and the card", async () => {
    keeps(usual);
    await open();
    const button = await pay();
    shop.will("confirm", problem(402, "payment_declined", "Your bank or card declined this in PayPal."));
    await user.click(button);
    expect(await screen.findByRole("alert")).toHaveTextContent("Your bank or card declined this in PayPal. No money was taken.");
    expect(screen.getByRole("radio", { name: /In PayPal’s window/ })).toBeChecked();
    expect(screen.getByRole("radio", { name: /^Card/ })).toBeEnabled();
    expect(pendingPayment.read()).toBeNull();
  });

  it("is not to blame for an address that PayPal refuses", async () => {
    keeps(usual);
    await open();
    const button = await pay();
    shop.will("confirm", problem(409, "address_refused", "PayPal can't find the delivery address."));
    await user.click(button);
    expect(await screen.findByRole("alert")).toHaveTextContent("The delivery address was not accepted");
    expect(screen.getByRole("link", { name: "Change the address" })).toHaveAttribute("href", "/checkout/");
    expect(pendingPayment.read()).toBeNull();
  });

  it("whose answer is lost is looked up, and no other way is offered meanwhile", async () => {
    keeps(usual);
    await open();
    const button = await pay();
    shop.will("confirm", lost);
    shop.will("settle", ok(checkout({ status: "processing", payment: payment("unknown") })), ok(paid));
    await user.click(button);
    expect(await screen.findByRole("heading", { name: "We are checking your payment" })).toBeInTheDocument();
    expect(screen.queryByRole("radio")).not.toBeInTheDocument();
    await toTheOrder();
  });

  it.each(["payment_outcome_unknown", "processor_unavailable", "payment_running", "payment_state"])(
    "is looked up after %s, for it may have been charged",
    async (code) => {
      keeps(usual);
      await open();
      const button = await pay();
      shop.will("confirm", problem(409, code));
      shop.will("settle", ok(paid));
      await user.click(button);
      await toTheOrder();
    },
  );

  it("for which PayPal wants the buyer leads to PayPal's page", async () => {
    keeps(usual);
    await open();
    const button = await pay();
    shop.will("confirm", ok(checkout({ payment: opened() })));
    await user.click(button);
    await waitFor(() => {
      expect(goTo).toHaveBeenCalledWith("http://paypal.test/checkoutnow?token=5O190127TN364715T");
    });
    expect(pendingPayment.read()).toBe(ORDER_ID);
  });

  it("is not offered where PayPal does not take the order's currency", async () => {
    keeps(usual);
    await open(checkout({ ...cards, quote: { ...cards.quote, currency: "KWD" } }));
    await screen.findByRole("button", { name: /^Pay / });
    expect(screen.queryByRole("radio")).not.toBeInTheDocument();
  });
});

describe("keeping what is paid with", () => {
  async function openWindowWith(isTicked: boolean): Promise<void> {
    await open();
    await user.click(await screen.findByRole("radio", { name: /^PayPal ?With/ }));
    await waitFor(() => {
      scriptsArrive();
      expect(screen.getByRole("button", { name: "PayPal" })).toBeVisible();
    });
    const box = screen.getByRole("checkbox", { name: "Save this PayPal account for next time" });
    expect(box).not.toBeChecked();
    if (isTicked) await user.click(box);
    shop.will("confirm", ok(checkout({ payment: opened() })));
    await act(async () => {
      await pressPayPal();
    });
  }

  it.each([true, false])("asks for the PayPal account only if it was ticked: %s", async (isTicked) => {
    await openWindowWith(isTicked);
    expect(shop.times("confirm").at(-1)?.body).toEqual({
      quote_hash: checkout().quote.hash,
      channel: "paypal",
      method: "",
      save_method: isTicked,
      ...(isTicked && { consent_text: CONSENT }),
    });
  });

  it("tells a guest that an account is needed, and by which words they are bound", async () => {
    shop.will("config", ok({ ...withPayPal, save_consent: CONSENT }));
    await open();
    await user.click(await screen.findByRole("radio", { name: /^PayPal ?With/ }));
    const box = await screen.findByRole("checkbox", { name: /PayPal account/ });
    expect(box).toHaveAccessibleDescription(`${CONSENT} It is saved once you have created an account, which you can do after paying.`);
    expect(shop.times("methods")).toEqual([]);
  });

  it("pays with a saved card by the shop's word for it, and nothing is typed", async () => {
    keeps(visa);
    confirmCardPayment.mockResolvedValueOnce(succeeded);
    await open();
    const button = await screen.findByRole("button", { name: "Pay €84.90" });
    expect(await screen.findByRole("radio", { name: /Visa ending in 4242/ })).toBeChecked();
    await waitFor(() => {
      expect(button).toHaveAttribute("aria-disabled", "false");
    });
    await user.click(button);
    await toTheOrder();
    expect(shop.times("confirm").at(-1)?.body).toMatchObject({ method: visa.id, save_method: false });
    expect(confirmCardPayment).toHaveBeenCalledWith("pi_1_secret_2");
  });

  it("keeps a new card by the very words that stand beside the box", async () => {
    keeps();
    await open();
    const button = await screen.findByRole("button", { name: "Pay €84.90" });
    await waitFor(() => {
      expect(button).toHaveAttribute("aria-disabled", "false");
    });
    const box = screen.getByRole("checkbox", { name: "Save this card" });
    expect(box).toHaveAccessibleDescription(CONSENT);
    await user.click(box);
    await user.click(button);
    await waitFor(() => {
      expect(shop.times("confirm").at(-1)?.body).toMatchObject({ save_method: true, consent_text: CONSENT });
    });
  });

  it("offers the card fields when the list of what is kept can't be had", async () => {
    shop.will("methods", problem(503, "down"));
    await open();
    expect(await screen.findByRole("button", { name: "Pay €84.90" })).toBeVisible();
    expect(screen.getByRole("radio", { name: /^Card/ })).toBeChecked();
  });
});
