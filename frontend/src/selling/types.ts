/** What /api/v1/seller answers. Amounts are whole numbers of the minor unit of the currency beside them. */

export interface Balance {
  currency: string;
  pending_minor: number;
  available_minor: number;
  reserved_minor: number;
  disputed_minor: number;
  on_its_way_minor: number;
  /** Of that: sent back by the bank. */
  stuck_minor: number;
  paid_minor: number;
  owed_minor: number;
}

export interface Money {
  artisan: string;
  name: string;
  /** The artisan's own. */
  currency: string;
  balances: Balance[];
}

export interface DayPoint {
  date: string;
  pending_minor: number;
  available_minor: number;
  reserved_minor: number;
  disputed_minor: number;
  owed_minor: number;
  sold_minor: number;
}

export interface Days {
  currency: string;
  points: DayPoint[];
}

interface Paged {
  count: number;
  page: number;
  pages: number;
}

export type PayableStatus = "held" | "released" | "transferring" | "transferred" | "canceled";

export interface Sale {
  /** The artisan's part of the order. */
  id: string;
  url: string;
  sold_at: string;
  is_repayment: boolean;
  titles: string[];
  pieces: number;
  fulfilment: string;
  currency: string;
  goods_minor: number;
  commission_minor: number;
  shipping_minor: number;
  share_minor: number;
  taken_minor: number;
  status: PayableStatus;
  /** null until it is shipped. */
  hold_until: string | null;
  released_at: string | null;
  payout: string | null;
}

export interface Sales extends Paged {
  sales: Sale[];
}

export type PayoutStatus =
  | "requested"
  | "refused"
  | "transferred"
  | "on_its_way"
  | "paid"
  | "bank_failed"
  | "brought_back";

export interface Payout {
  id: string;
  currency: string;
  amount_minor: number;
  brought_back_minor: number;
  status: PayoutStatus;
  items: number;
  created_at: string;
  transferred_at: string | null;
  paid_at: string | null;
  arrival_date: string | null;
  failure_text: string;
  attempts: number;
}

export interface Payouts extends Paged {
  payouts: Payout[];
}

/** Paid to our bank account for what was owed. */
export interface Repayment {
  id: string;
  currency: string;
  amount_minor: number;
  /** The day on which our bank booked it. */
  received_on: string;
  bank_reference: string;
  status: "recorded" | "undone";
}

export interface Repayments extends Paged {
  repayments: Repayment[];
  /** At this moment; a currency that is paid up is not in it. */
  owed: { currency: string; amount_minor: number }[];
}

export type StoryKind =
  | "goods"
  | "commission"
  | "shipping"
  | "share"
  | "refund"
  | "dispute"
  | "given_back"
  | "debt"
  | "reserve_withheld"
  | "reserve_released"
  | "brought_back"
  | "other";

export interface StoryLine {
  kind: StoryKind;
  amount_minor: number;
  title: string;
  quantity: number | null;
  unit_price_minor: number | null;
  reference: string;
  at: string | null;
  /** When a reserve ends. */
  until: string | null;
  order_url: string | null;
  /** The earlier payout that it goes back to. */
  payout: string | null;
  buyer_got_minor: number | null;
}

export interface StoryItem {
  id: string;
  order_part: string | null;
  order_url: string | null;
  sold_at: string;
  amount_minor: number;
  lines: StoryLine[];
}

export interface PayoutStory extends Paged {
  payout: Payout;
  /** Over all items; together they are the payout. */
  sums: { kind: StoryKind; amount_minor: number }[];
  items: StoryItem[];
}

export type ScheduleKind = "daily" | "weekly" | "monthly" | "manual";

export interface Schedule {
  schedule: ScheduleKind;
  weekday: number;
  month_day: number;
  minimum_minor: number;
}

export interface Expected {
  currency: string;
  available_minor: number;
  coming_minor: number;
  reserves_ending_minor: number;
  reserve_minor: number;
  debts_minor: number;
  amount_minor: number;
  items: { order_part: string; order_url: string; amount_minor: number; is_available: boolean; hold_until: string | null }[];
  item_count: number;
}

export interface NextPayout {
  schedule: Schedule & { currency: string; text: string };
  /** null where it is made when it is asked for. */
  date: string | null;
  can_be_asked_for: boolean;
  why_not: { reason: string; text: string }[];
  expected: Expected[];
}

export interface StatementFile {
  month: string;
  currency: string;
  is_complete: boolean;
  pdf_url: string;
  csv_url: string;
}
