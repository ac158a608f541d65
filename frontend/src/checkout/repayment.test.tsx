import { act, render, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { checkout, ORDER_ID, payment } from "../test/data";
import { ok, shop } from "../test/server";
import { installStripe } from "../test/stripe";
import { Checkout } from "./Checkout";

const REQUEST = "/requests/rcl_4KcWnZp7sYd9vLxT2mQeRb/";
const repayment = checkout({ repayment_url: REQUEST, payment: payment("requires_payment_method") });

beforeEach(() => {
  installStripe();
});

async function open(): Promise<void> {
  window.history.replaceState(null, "", `/checkout/?order=${ORDER_ID}`);
  render(<Checkout />);
  await waitFor(() => {
    expect(screen.queryByText("Loading the checkout …")).not.toBeInTheDocument();
  });
  await act(() => Promise.resolve());
}

describe("a refund that is paid back", () => {
  it("shows what is paid back and nothing about parcels, addresses or carts", async () => {
    shop.will("get", ok(repayment));
    shop.will("confirm", ok(repayment));
    await open();
    expect(await screen.findByRole("button", { name: "Pay €84.90" })).toBeInTheDocument();
    const summary = screen.getByRole("region", { name: "Order summary" });
    expect(within(summary).getByRole("heading", { name: "What you pay back" })).toBeInTheDocument();
    expect(summary).not.toHaveTextContent(/Shipping|piece|Taxes/);
    expect(screen.queryByText("Delivery to")).not.toBeInTheDocument();
    expect(screen.queryByRole("list", { name: "Checkout steps" })).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Give up|Change/ })).not.toBeInTheDocument();
    expect(screen.queryByRole("checkbox", { name: /Save this card/ })).not.toBeInTheDocument();
    expect(screen.getByText(/You can pay here until/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: /you can still decline/ })).toHaveAttribute("href", REQUEST);
  });

  it.each(["expired", "canceled", "refunding"] as const)("leads back to the request once it is %s", async (status) => {
    shop.will("get", ok({ ...repayment, status }));
    await open();
    expect(screen.getByRole("heading", { name: "This payment is closed" })).toHaveFocus();
    expect(screen.getByRole("link", { name: "See how it stands" })).toHaveAttribute("href", REQUEST);
  });
});
