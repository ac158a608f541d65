import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { browserLocation } from "../checkout/location";
import { account, CONSENT, visa, withPayPal } from "../test/data";
import { behaviour, installPayPal, payPalTells, pressPayPal, scriptsArrive } from "../test/paypal";
import { lost, ok, problem, shop } from "../test/server";
import { confirmSetup, declinedWith, installStripe } from "../test/stripe";
import { AddMethod } from "./AddMethod";

const user = userEvent.setup({ delay: null });
const leaveFor = vi.spyOn(browserLocation, "leaveFor");
const goTo = vi.spyOn(browserLocation, "goTo");
const PAGE = "http://paypal.test/agreements/approve?approval_session_id=9VT";
const atPayPal = { id: "set_1", kind: "paypal", client_secret: null, approval_url: PAGE, processor_setup_id: "9VT" };
const atStripe = { id: "set_2", kind: "card", client_secret: "seti_1_secret_2", approval_url: null, processor_setup_id: null };
const kept = (method: unknown) => ok({ status: "succeeded", method });

beforeEach(() => {
  installStripe();
  installPayPal();
  leaveFor.mockReset().mockImplementation(() => undefined);
  goTo.mockReset().mockImplementation(() => undefined);
  window.history.replaceState(null, "", "/account/payment-methods/");
  shop.will("config", ok(withPayPal));
});
afterEach(() => {
  scriptsArrive("error");
});

async function agree(): Promise<void> {
  render(<AddMethod consent={CONSENT} takesPayPal />);
  await user.click(screen.getByRole("checkbox", { name: CONSENT }));
}

async function openPayPal(): Promise<void> {
  await agree();
  await user.click(screen.getByRole("button", { name: "Add PayPal" }));
  await waitFor(() => {
    expect(shop.times("config")).toHaveLength(1);
  });
  await act(() => Promise.resolve());
  await waitFor(() => {
    scriptsArrive();
    expect(screen.getByRole("button", { name: "PayPal" })).toBeVisible();
  });
}

async function press(): Promise<string | null> {
  let id: string | null = null;
  await act(async () => {
    id = await pressPayPal();
  });
  return id;
}

it("asks nobody before the person has agreed", async () => {
  render(<AddMethod consent={CONSENT} takesPayPal />);
  expect(screen.getByRole("checkbox")).toBeRequired();
  for (const name of ["Add a card", "Add PayPal"]) await user.click(screen.getByRole("button", { name }));
  expect(shop.asked).toEqual([]);
});

it("offers cards alone where the shop does not take PayPal", () => {
  render(<AddMethod consent={CONSENT} takesPayPal={false} />);
  expect(screen.queryByRole("button", { name: "Add PayPal" })).not.toBeInTheDocument();
});

describe("a card", () => {
  beforeEach(() => {
    shop.will("setup", ok(atStripe, 201));
  });

  async function openCard(): Promise<HTMLElement> {
    await agree();
    await user.click(screen.getByRole("button", { name: "Add a card" }));
    const button = await screen.findByRole("button", { name: "Save this card" });
    await waitFor(() => {
      expect(button).toHaveAttribute("aria-disabled", "false");
    });
    return button;
  }

  it("is kept after the consent has been told, and the page says so", async () => {
    confirmSetup.mockResolvedValueOnce({ setupIntent: { status: "succeeded" } });
    shop.will("complete", kept(visa));
    const button = await openCard();
    expect(screen.getByRole("form", { name: "Add a card" })).toHaveFocus();
    await user.dblClick(button);
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith("/account/payment-methods/?setup=set_2");
    });
    expect(shop.times("setup").map(({ body }) => body)).toEqual([{ kind: "card", consent: true, consent_text: CONSENT }]);
    expect(confirmSetup).toHaveBeenCalledTimes(1);
  });

  it("that the bank refuses is told in plain words", async () => {
    confirmSetup.mockResolvedValueOnce(declinedWith("insufficient_funds"));
    await user.click(await openCard());
    expect(await screen.findByRole("alert")).toHaveTextContent("There is not enough money on this card. Please use another card. Nothing was charged.");
    expect(shop.times("complete")).toEqual([]);
  });

  it("whose check was not finished is not called saved", async () => {
    confirmSetup.mockResolvedValueOnce({ setupIntent: { status: "requires_action" } });
    shop.will("complete", ok({ status: "requires_method", method: null }));
    await user.click(await openCard());
    expect(await screen.findByRole("alert")).toHaveTextContent("Your bank's check was not finished");
    expect(leaveFor).not.toHaveBeenCalled();
  });

  it("form that the shop can't open leaves both ways open", async () => {
    shop.will("setup", problem(503, "processor_unavailable"));
    await agree();
    await user.click(screen.getByRole("button", { name: "Add a card" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The card form could not be opened");
    expect(screen.getByRole("button", { name: "Add PayPal" })).toHaveAttribute("aria-disabled", "false");
  });

  it("form can be left again, and the focus is not lost", async () => {
    await openCard();
    await user.click(screen.getByRole("button", { name: "Go back" }));
    expect(screen.getByRole("form", { name: "Add a way to pay" })).toHaveFocus();
    expect(screen.getByRole("checkbox")).toBeChecked();
  });
});

describe("PayPal", () => {
  beforeEach(() => {
    shop.will("setup", ok(atPayPal, 201));
    shop.will("complete", kept(account));
  });

  it("is kept once the buyer has agreed in its window", async () => {
    await openPayPal();
    expect(screen.getByRole("region", { name: "Add PayPal" })).toHaveFocus();
    expect(shop.times("setup")).toEqual([]);
    expect(await press()).toBe("9VT");
    expect(screen.getByRole("status")).toHaveTextContent("Please finish in PayPal’s window");
    act(() => { payPalTells("approved"); });
    expect(screen.getByRole("status")).toHaveTextContent("Saving your PayPal account …");
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith("/account/payment-methods/?setup=set_1");
    });
    expect(shop.times("setup").map(({ body }) => body)).toEqual([{ kind: "paypal", consent: true, consent_text: CONSENT }]);
    expect(shop.times("complete")).toHaveLength(1);
  });

  it("that was not agreed to is not kept, and says that nothing was charged", async () => {
    shop.will("complete", ok({ status: "requires_method", method: null }));
    await openPayPal();
    await press();
    act(() => { payPalTells("canceled"); });
    expect(await screen.findByText("PayPal was not added")).toBeInTheDocument();
    expect(screen.getByText(/nothing was saved and nothing was charged/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "PayPal" })).toBeVisible();
    expect(leaveFor).not.toHaveBeenCalled();
  });

  it("window that was closed after agreeing is not believed: the account is there", async () => {
    await openPayPal();
    await press();
    act(() => { payPalTells("canceled"); });
    await waitFor(() => {
      expect(leaveFor).toHaveBeenCalledWith("/account/payment-methods/?setup=set_1");
    });
  });

  it("that PayPal refuses to keep is told, with another way", async () => {
    shop.will("complete", ok({ status: "requires_method", method: null }));
    await openPayPal();
    await press();
    act(() => { payPalTells("approved"); });
    expect(await screen.findByRole("alert")).toHaveTextContent("PayPal did not let us save this account");
    await user.click(screen.getByRole("button", { name: "Go back" }));
    expect(screen.getByRole("button", { name: "Add a card" })).toBeVisible();
  });

  it("whose answer is lost after agreeing says that it comes by itself", async () => {
    shop.will("complete", problem(503, "payment_outcome_unknown"));
    await openPayPal();
    await press();
    act(() => { payPalTells("approved"); });
    expect(await screen.findByRole("alert")).toHaveTextContent(/appears in the list above within a few minutes/);
  });

  it("goes to PayPal's page where the browser blocks the window", async () => {
    await openPayPal();
    await press();
    act(() => { payPalTells(new Error("Can not open popup window - blocked")); });
    expect(goTo).toHaveBeenCalledWith(PAGE);
  });

  it("window that the buyer has lost is asked after", async () => {
    shop.will("complete", ok({ status: "requires_method", method: null }));
    await openPayPal();
    await press();
    await user.click(screen.getByRole("button", { name: /don’t see PayPal’s window/ }));
    expect(await screen.findByText("PayPal was not added")).toBeInTheDocument();
  });

  it("that the shop can't begin is told, and the button stays", async () => {
    shop.will("setup", problem(409, "processor_refused", "PayPal does not take this."));
    await openPayPal();
    expect(await press()).toBeNull();
    expect(await screen.findByRole("alert")).toHaveTextContent("PayPal can't be opened");
    expect(screen.getByRole("button", { name: "PayPal" })).toBeVisible();
  });

  it("script that does not come leaves both ways open", async () => {
    shop.will("config", lost);
    await agree();
    await user.click(screen.getByRole("button", { name: "Add PayPal" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("PayPal could not be opened");
    expect(screen.getByRole("button", { name: "Add a card" })).toHaveAttribute("aria-disabled", "false");
  });

  it("says so where its button can't be used", async () => {
    behaviour.isEligible = false;
    await agree();
    await user.click(screen.getByRole("button", { name: "Add PayPal" }));
    await waitFor(() => {
      scriptsArrive();
      expect(screen.getByText(/PayPal can’t be used in this browser/)).toBeInTheDocument();
    });
  });
});
