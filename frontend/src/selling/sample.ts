import type { Balance, Money, NextPayout, Payout, PayoutStory, Repayment, Sale } from "./types";

/** What the shop answers in tests: one artisan, with figures that add up. */

export const balance = (more: Partial<Balance> = {}): Balance => ({
  currency: "EUR", pending_minor: 0, available_minor: 0, reserved_minor: 0, disputed_minor: 0, on_its_way_minor: 0,
  stuck_minor: 0, paid_minor: 0, owed_minor: 0, ...more,
});

export const money = (...balances: Balance[]): Money => ({
  artisan: "art_1", name: "Clay & Co", currency: balances[0]?.currency ?? "EUR", balances,
});

export const payout = (more: Partial<Payout> = {}): Payout => ({
  id: "pyt_1", currency: "EUR", amount_minor: 5130, brought_back_minor: 0, status: "paid", items: 2,
  created_at: "2026-11-18T04:00:00Z", transferred_at: "2026-11-18T04:00:05Z", paid_at: "2026-11-20T08:00:00Z",
  arrival_date: "2026-11-20", failure_text: "", attempts: 1, ...more,
});

export const repayment = (more: Partial<Repayment> = {}): Repayment => ({
  id: "rpy_1", currency: "EUR", amount_minor: 4500, received_on: "2026-11-20", bank_reference: "NTRF 20261120-7",
  status: "recorded", ...more,
});

export const sale = (more: Partial<Sale> = {}): Sale => ({
  id: "sor_1", url: "/selling/orders/sor_1/", sold_at: "2026-11-10T10:00:00Z", is_repayment: false, titles: ["Salad bowl"],
  pieces: 2, fulfilment: "shipped", currency: "EUR", goods_minor: 4000, commission_minor: 400, shipping_minor: 600,
  share_minor: 4200, taken_minor: 0, status: "held", hold_until: "2026-11-28T10:00:00Z", released_at: null, payout: null,
  ...more,
});

const nothing = { title: "", quantity: null, unit_price_minor: null, reference: "", at: null, until: null, payout: null, buyer_got_minor: null };
const ORDER = "/selling/orders/sor_1/";

/** A sale of which one piece was refunded and a tenth kept back, and a reserve of an earlier payout: 21.60 + 2.00. */
export const story: PayoutStory = {
  count: 2, page: 1, pages: 1,
  payout: payout({ amount_minor: 2360 }),
  sums: [
    { kind: "goods", amount_minor: 4000 },
    { kind: "commission", amount_minor: -400 },
    { kind: "shipping", amount_minor: 600 },
    { kind: "refund", amount_minor: -1800 },
    { kind: "reserve_withheld", amount_minor: -240 },
    { kind: "reserve_released", amount_minor: 200 },
  ],
  items: [
    {
      id: "pbl_1", order_part: "sor_1", order_url: ORDER, sold_at: "2026-11-10T10:00:00Z", amount_minor: 2160,
      lines: [
        { ...nothing, kind: "goods", amount_minor: 4000, title: "Salad bowl", quantity: 2, unit_price_minor: 2000, order_url: ORDER },
        { ...nothing, kind: "commission", amount_minor: -400, order_url: ORDER },
        { ...nothing, kind: "shipping", amount_minor: 600, order_url: ORDER },
        { ...nothing, kind: "refund", amount_minor: -1800, reference: "ref_1", at: "2026-11-12T09:00:00Z", order_url: ORDER, buyer_got_minor: 2000 },
        { ...nothing, kind: "reserve_withheld", amount_minor: -240, reference: "rsv_2", at: "2026-11-17T09:00:00Z", until: "2027-02-15T09:00:00Z", order_url: ORDER },
      ],
    },
    {
      id: "pbl_2", order_part: "sor_0", order_url: "/selling/orders/sor_0/", sold_at: "2026-08-01T10:00:00Z", amount_minor: 200,
      lines: [{ ...nothing, kind: "reserve_released", amount_minor: 200, reference: "rsv_1", at: "2026-11-16T09:00:00Z", order_url: "/selling/orders/sor_0/", payout: "pyt_0" }],
    },
  ],
};

export const next = (more: Partial<NextPayout> = {}): NextPayout => ({
  schedule: { schedule: "weekly", weekday: 0, month_day: 1, minimum_minor: 2500, currency: "EUR", text: "every Monday" },
  date: "2026-11-23",
  can_be_asked_for: false,
  why_not: [{ reason: "waits_for_date", text: "Your next payout is on 23 November 2026." }],
  expected: [
    {
      currency: "EUR", available_minor: 3000, coming_minor: 4200, reserves_ending_minor: 100, reserve_minor: 420,
      debts_minor: 50, amount_minor: 6830,
      items: [{ order_part: "sor_1", order_url: ORDER, amount_minor: 3000, is_available: true, hold_until: null }],
      item_count: 2,
    },
  ],
  ...more,
});
