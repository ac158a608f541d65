import { configure, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse, type JsonBodyType } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { server } from "../test/server";
import { Dashboard } from "./Dashboard";
import { balance, money, next, payout, repayment, sale, story } from "./sample";

// The whole page is looked through by role: on a busy machine that takes longer than the usual second.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

const user = userEvent.setup({ delay: null });
const BASE = "http://shop.test/api/v1/seller";
const asked: { path: string; key: string | null; body: unknown }[] = [];

/** What the shop answers; each test says only what differs. */
const answers = new Map<string, () => Response>();
const says = (path: string, body: unknown, status = 200) => {
  answers.set(path, () => HttpResponse.json(body as JsonBodyType, { status }));
};

const nobody = { count: 0, page: 1, pages: 1 };
beforeEach(() => {
  asked.length = 0;
  answers.clear();
  says("/money", money(balance()));
  says("/money/days", { currency: "EUR", points: [] });
  says("/next-payout", next({ expected: [], why_not: [{ reason: "nothing_released", text: "Nothing is available yet." }] }));
  says("/payouts", { ...nobody, payouts: [] });
  says("/repayments", { ...nobody, repayments: [], owed: [] });
  says("/sales", { ...nobody, sales: [] });
  says("/statements", { statements: [] });
  server.use(
    http.all(`${BASE}/*`, async ({ request }) => {
      const path = new URL(request.url).pathname.replace("/api/v1/seller", "");
      const text = await request.text();
      asked.push({ path: path + new URL(request.url).search, key: request.headers.get("Idempotency-Key"), body: text === "" ? null : (JSON.parse(text) as unknown) });
      const answer = answers.get(request.method === "POST" ? `POST ${path}` : path);
      if (!answer) throw new Error(`The test has no answer to ${request.method} ${path}.`);
      return answer();
    }),
  );
  window.history.replaceState(null, "", "/selling/money/");
});

const show = () => render(<Dashboard artisan="Clay & Co" />);
const section = (name: string) => within(screen.getByRole("region", { name }));

it("tells a new artisan, part by part, what will stand there", async () => {
  show();
  expect(await screen.findByText(/You have not been paid yet/)).toBeInTheDocument();
  expect(await screen.findByText(/Nothing sold yet/)).toBeInTheDocument();
  expect(await screen.findByText(/Nothing yet in these days/)).toBeInTheDocument();
  expect(await screen.findByText(/The first statement comes/)).toBeInTheDocument();
  expect(screen.getByText("Nothing is available yet.")).toBeInTheDocument();
  expect(section("Your balance").queryByText("Reserved")).not.toBeInTheDocument();
});

it("shows where the money lies, in each currency with the decimals that it has", async () => {
  says("/money", money(
    balance({ pending_minor: 123450, available_minor: 5, reserved_minor: 240, on_its_way_minor: 700, stuck_minor: 700, paid_minor: 9, owed_minor: 1 }),
    balance({ currency: "JPY", available_minor: 1500 }),
    balance({ currency: "KWD", available_minor: 1250 }),
  ));
  show();
  await screen.findByText("€1,234.50");
  const told = section("Your balance");
  for (const text of ["€0.05", "€2.40", "€0.09", "€0.01", "JP¥1,500"]) {
    expect(told.getAllByText(text).length).toBeGreaterThan(0);
  }
  expect(told.getByText(/KWD\s1\.250/)).toBeInTheDocument();
  expect(told.getByText(/Your bank sent/)).toHaveTextContent("Your bank sent €7.00 back");
});

it("lists what was paid back, says what is still owed, and is not there for who never paid anything back", async () => {
  const page = show();
  await screen.findByText(/Nothing sold yet/);
  await waitFor(() => { expect(asked.map((one) => one.path)).toContain("/repayments?page=1"); });
  expect(screen.queryByText("What you paid back")).not.toBeInTheDocument();
  page.unmount();

  const undone = repayment({ id: "rpy_2", amount_minor: 1250, bank_reference: "NTRF 8", status: "undone" });
  const owed = [{ currency: "EUR", amount_minor: 1550 }, { currency: "JPY", amount_minor: 900 }];
  says("/repayments", { count: 2, page: 1, pages: 1, repayments: [undone, repayment()], owed });
  show();
  await screen.findByRole("region", { name: "What you paid back" });
  const told = section("What you paid back");
  expect(told.getByText(/You still owe/)).toHaveTextContent("You still owe €15.50 and JP¥900.");
  const [first, second] = told.getAllByRole("listitem");
  expect(first).toHaveTextContent("20 November 2026 Recorded by mistake, owed againOur bank’s reference: NTRF 8€12.50");
  expect(second).toHaveTextContent("20 November 2026 Our bank’s reference: NTRF 20261120-7€45.00");
});

it("says that nothing is owed any more once all of it was paid back", async () => {
  says("/repayments", { count: 1, page: 1, pages: 1, repayments: [repayment()], owed: [] });
  show();
  expect(await screen.findByText("You owe us nothing now.")).toBeInTheDocument();
});

it("tells the next payout, what is in it, and that the parts come to it", async () => {
  says("/next-payout", next());
  show();
  expect(await screen.findByText("€68.30", { selector: ".next-amount *" })).toBeInTheDocument();
  const told = section("Your next payout");
  expect(told.getByText(/expected on 23 November 2026/)).toBeInTheDocument();
  for (const text of ["€30.00", "€42.00", "€1.00", "−€4.20", "−€0.50"]) expect(told.getAllByText(text).length).toBeGreaterThan(0);
  expect(told.getByText(/You are paid every Monday, from €25.00 on/)).toBeInTheDocument();
  expect(told.queryByRole("button", { name: "Pay me now" })).not.toBeInTheDocument();
});

it("one part that can't be loaded is told with a way to try again, and the others stand", async () => {
  says("/sales", { code: "broken" }, 404);
  says("/payouts", { ...nobody, count: 1, payouts: [payout()] });
  show();
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Your sales could not be loaded.");
  expect(await screen.findByText("Paid to your bank")).toBeInTheDocument();
  says("/sales", { ...nobody, count: 1, sales: [sale()] });
  await user.click(within(alert).getByRole("button", { name: "Try again: Your sales" }));
  expect(await screen.findByRole("link", { name: "Salad bowl" })).toHaveAttribute("href", "/selling/orders/sor_1/");
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  expect(screen.getByText("Pending until 28 November 2026")).toBeInTheDocument();
});

it("a sale that is not shipped yet is pending without a date", async () => {
  says("/sales", { ...nobody, count: 1, sales: [sale({ hold_until: null })] });
  show();
  expect(await screen.findByText("Pending until it is shipped and its hold is over")).toBeInTheDocument();
});

it("older payouts have an address of their own, and the focus goes to their heading", async () => {
  says("/payouts", { count: 30, page: 1, pages: 2, payouts: [payout()] });
  show();
  const older = await screen.findByRole("link", { name: "Older payouts" });
  says("/payouts", { count: 30, page: 2, pages: 2, payouts: [payout({ id: "pyt_9", amount_minor: 77 })] });
  await user.click(older);
  expect(window.location.search).toBe("?payouts=2");
  expect(await screen.findByText("€0.77")).toBeInTheDocument();
  expect(screen.getByRole("heading", { name: "Your payouts" })).toHaveFocus();
  expect(asked.map(({ path }) => path)).toContain("/payouts?page=2");
});

describe("day by day", () => {
  const at = (date: string, more: object) => ({
    date, pending_minor: 0, available_minor: 0, reserved_minor: 0, disputed_minor: 0, owed_minor: 0, sold_minor: 0, ...more,
  });

  it("every figure of the drawing stands in a table, which leaves out days on which nothing changed", async () => {
    says("/money/days", {
      currency: "EUR",
      points: [
        at("2026-11-18", {}), at("2026-11-19", { pending_minor: 4200, sold_minor: 4200 }),
        at("2026-11-20", { pending_minor: 4200 }), at("2026-11-21", { pending_minor: 2400 }), at("2026-11-22", { pending_minor: 2400 }),
      ],
    });
    show();
    await user.click(await screen.findByText("Show as a table"));
    const rows = within(screen.getByRole("table")).getAllByRole("row").map((row) => row.textContent);
    expect(rows.slice(1)).toEqual([
      "21 November 2026€0.00€24.00€0.00€0.00€0.00€0.00",
      "19 November 2026€0.00€42.00€0.00€0.00€0.00€42.00",
      "18 November 2026€0.00€0.00€0.00€0.00€0.00€0.00",
    ]);
  });

  it("the chosen range stands in the address and is asked for", async () => {
    show();
    await user.selectOptions(await screen.findByLabelText("Days shown"), "30 days");
    expect(window.location.search).toBe("?days=30");
    await waitFor(() => {
      const days = asked.filter(({ path }) => path.startsWith("/money/days")).map(({ path }) => new URLSearchParams(path.split("?")[1]));
      const last = days.at(-1);
      const span = Date.parse(last?.get("last") ?? "") - Date.parse(last?.get("first") ?? "");
      expect(span).toBe(29 * 86_400_000);
    });
  });
});

describe("why this payout?", () => {
  beforeEach(() => {
    says("/payouts/pyt_1", story);
  });

  it("is an address of its own, told line by line; the way back is the browser's", async () => {
    says("/payouts", { ...nobody, count: 1, payouts: [payout()] });
    show();
    await user.click(await screen.findByRole("link", { name: "Why this payout?" }));
    expect(window.location.pathname).toBe("/selling/money/payouts/pyt_1/");
    expect(screen.getByRole("heading", { name: "Why this payout?" })).toHaveFocus();
    expect(document.title).toBe("Why this payout? · Artisan's Hub");
    const item = within(await screen.findByRole("article", { name: "Order of 10 November 2026" }));
    expect(item.getByText("Salad bowl")).toHaveTextContent("Salad bowl2 × €20.00");
    for (const text of ["€40.00", "−€4.00", "€6.00", "−€18.00", "−€2.40", "€21.60"]) expect(item.getByText(text)).toBeInTheDocument();
    expect(item.getByRole("link", { name: "Refund to the buyer" })).toHaveAttribute("href", "/selling/orders/sor_1/#refunds");
    expect(item.getByText("The buyer got €20.00 back; this is what you bear of it.")).toBeInTheDocument();
    expect(item.getByText("given back on 15 February 2027 at the latest")).toBeInTheDocument();
    const earlier = within(screen.getByRole("article", { name: "Order of 1 August 2026" }));
    expect(earlier.getByRole("link", { name: "The earlier payout" })).toHaveAttribute("href", "/selling/money/payouts/pyt_0/");
    window.history.back();
    expect(await screen.findByRole("heading", { name: "Your money" })).toHaveFocus();
  });

  it("what is shown adds up to the payout", async () => {
    window.history.replaceState(null, "", "/selling/money/payouts/pyt_1/");
    show();
    await screen.findByText("This payout");
    const minor = (element: Element | null) => Number(element?.textContent.replace("−", "-").replace(/[^\d-]/g, ""));
    for (const list of document.querySelectorAll(".sums")) {
      const figures = [...list.querySelectorAll("dd")].map(minor);
      const whole = figures.pop();
      expect(figures.reduce((sum, one) => sum + one, 0)).toBe(whole);
    }
    expect(document.querySelectorAll(".sums")).toHaveLength(3);
  });

  it("a failed one says why, and where to mend it", async () => {
    const failed = payout({ status: "bank_failed", failure_text: "Your bank did not take it.", attempts: 2, paid_at: null });
    says("/payouts/pyt_1", { ...story, payout: { ...failed, amount_minor: 2360 } });
    window.history.replaceState(null, "", "/selling/money/payouts/pyt_1/");
    show();
    expect(await screen.findByText(/^Your bank did not take it\.$/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Getting paid" })).toHaveAttribute("href", "/selling/getting-paid/");
    expect(screen.getByText(/sent to your bank 2 times/)).toBeInTheDocument();
  });

  it("one that is not the artisan's is not there", async () => {
    says("/payouts/pyt_9", { code: "payout_not_found", title: "There is no such payout" }, 404);
    window.history.replaceState(null, "", "/selling/money/payouts/pyt_9/");
    show();
    expect(await screen.findByText("There is no such payout among yours.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Try again/ })).not.toBeInTheDocument();
  });
});

describe("when the artisan is paid", () => {
  async function open() {
    says("/next-payout", next());
    show();
    await user.click(await screen.findByText("Change when you are paid"));
    return within(screen.getByRole("form", { name: "When you are paid" }));
  }

  it("is chosen under a key, and the page shows what comes of it", async () => {
    const form = await open();
    await user.selectOptions(form.getByLabelText("How often"), "Once a month");
    await user.selectOptions(form.getByLabelText("On which day of the month"), "31");
    await user.clear(form.getByLabelText("Smallest payout, in EUR"));
    await user.type(form.getByLabelText("Smallest payout, in EUR"), "12,50");
    const chosen = { schedule: "monthly" as const, weekday: 0, month_day: 31, minimum_minor: 1250, currency: "EUR", text: "on the last day of each month" };
    says("POST /payout-schedule", next({ schedule: chosen, date: "2026-11-30" }));
    await user.click(form.getByRole("button", { name: "Save" }));
    expect(await screen.findByText(/expected on 30 November 2026/)).toBeInTheDocument();
    expect(screen.getByText("Saved.")).toBeInTheDocument();
    const [post] = asked.filter(({ path }) => path === "/payout-schedule");
    expect(post?.body).toEqual({ schedule: "monthly", weekday: 0, month_day: 31, minimum_minor: 1250 });
    expect(post?.key).toMatch(/^web-/);
  });

  it("an amount that is none is not sent, and takes the focus", async () => {
    const form = await open();
    await user.clear(form.getByLabelText("Smallest payout, in EUR"));
    await user.type(form.getByLabelText("Smallest payout, in EUR"), "12.345");
    await user.click(form.getByRole("button", { name: "Save" }));
    expect(form.getByRole("alert")).toHaveTextContent("such as 25.00");
    expect(form.getByLabelText("Smallest payout, in EUR")).toHaveFocus();
    expect(asked.filter(({ path }) => path === "/payout-schedule")).toEqual([]);
  });

  const manual = next({
    schedule: { schedule: "manual", weekday: 0, month_day: 1, minimum_minor: 0, currency: "EUR", text: "when you ask for it" },
    date: null, can_be_asked_for: true, why_not: [{ reason: "waits_for_request", text: "You are paid when you ask for it." }],
  });

  it("who is paid when asking asks once, however often the button is pressed, and everything is loaded anew", async () => {
    says("/next-payout", manual);
    says("POST /payouts", { payouts: [payout({ status: "requested" })] }, 201);
    show();
    const button = await screen.findByRole("button", { name: "Pay me now" });
    const before = asked.filter(({ path }) => path === "/money").length;
    await user.dblClick(button);
    expect(await screen.findByText(/Your payout is being made/)).toBeInTheDocument();
    expect(asked.filter(({ path, key }) => path === "/payouts" && key !== null)).toHaveLength(1);
    await waitFor(() => {
      expect(asked.filter(({ path }) => path === "/money")).toHaveLength(before + 1);
      expect(asked.filter(({ path }) => path === "/payouts?page=1")).toHaveLength(2);
    });
  });

  it("a refusal is told, and nothing is said to be paid", async () => {
    says("/next-payout", manual);
    says("POST /payouts", { code: "paused", title: "Paused", detail: "Payouts to you are paused." }, 409);
    show();
    await user.click(await screen.findByRole("button", { name: "Pay me now" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Payouts to you are paused.");
    expect(screen.queryByText(/Your payout is being made/)).not.toBeInTheDocument();
  });

  it("nobody asks for what can't be paid", async () => {
    says("/next-payout", { ...manual, can_be_asked_for: false, why_not: [{ reason: "no_account", text: "You have not set up yet how you get paid." }] });
    show();
    const button = await screen.findByRole("button", { name: "Pay me now" });
    expect(button).toHaveAttribute("aria-disabled", "true");
    await user.click(button);
    expect(asked.filter(({ key }) => key !== null)).toEqual([]);
    expect(screen.getByRole("link", { name: "Getting paid" })).toHaveAttribute("href", "/selling/getting-paid/");
  });
});
