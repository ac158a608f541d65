import type { PayoutStatus, Sale, StoryKind } from "./types";

/** Dates are the books': days in UTC. */
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

export const day = (at: string): string => DAY.format(new Date(at));
export const shortDay = (at: string): string => SHORT_DAY.format(new Date(at));
/** "November 2026" for 2026-11. */
export const monthName = (month: string): string => MONTH.format(new Date(`${month}-01T00:00:00Z`));

export type Tone = "good" | "warn" | "bad" | "plain";

export const PAYOUT_WORDS: Record<PayoutStatus, { text: string; tone: Tone }> = {
  requested: { text: "Being transferred", tone: "plain" },
  refused: { text: "Refused, nothing was moved", tone: "bad" },
  transferred: { text: "At the payment service, goes to your bank next", tone: "plain" },
  on_its_way: { text: "On its way to your bank", tone: "plain" },
  paid: { text: "Paid to your bank", tone: "good" },
  bank_failed: { text: "Your bank did not take it", tone: "bad" },
  brought_back: { text: "Brought back", tone: "warn" },
};

export const STORY_WORDS: Record<StoryKind, string> = {
  goods: "Goods sold",
  commission: "Our commission",
  shipping: "Shipping, paid by the buyer",
  share: "Your share of a sale",
  refund: "Refund to the buyer",
  dispute: "Disputed by the buyer's bank",
  given_back: "Yours again after a refund or dispute",
  debt: "Kept for what you owed",
  reserve_withheld: "Kept back as a reserve",
  reserve_released: "Reserve given back",
  brought_back: "Of an earlier payout that came back to us",
  other: "Other",
};

/** Where the money of a sale is. */
export function saleState(sale: Sale): { text: string; tone: Tone } {
  switch (sale.status) {
    case "held":
      if (sale.hold_until === null) return { text: "Pending until it is shipped and its hold is over", tone: "warn" };
      return { text: `Pending until ${day(sale.hold_until)}`, tone: "warn" };
    case "released":
      return { text: "Available for the next payout", tone: "good" };
    case "transferring":
      return { text: "In a payout, being transferred", tone: "plain" };
    case "transferred":
      return { text: "Paid out", tone: "good" };
    case "canceled":
      return { text: "Nothing of it is left", tone: "bad" };
  }
}
