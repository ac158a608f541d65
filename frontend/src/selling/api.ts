import { request } from "../api/client";
import { answered, keyFor } from "../api/intentions";
import { ApiProblem } from "../api/problems";
import type {
  Days, Money, NextPayout, Payouts, PayoutStory, Repayments, Sales, Schedule, StatementFile,
} from "./types";

/** The endpoints of the artisan's own money, one function each. */

export const getMoney = (): Promise<Money> => request<Money>("/seller/money");

export const getDays = (currency: string, first: string, last: string): Promise<Days> =>
  request<Days>(`/seller/money/days?${new URLSearchParams({ currency, first, last }).toString()}`);

export const getSales = (page: number): Promise<Sales> => request<Sales>(`/seller/sales?page=${String(page)}`);

export const getPayouts = (page: number): Promise<Payouts> => request<Payouts>(`/seller/payouts?page=${String(page)}`);

export const getRepayments = (page: number): Promise<Repayments> => request<Repayments>(`/seller/repayments?page=${String(page)}`);

export const getStory = (id: string, page: number): Promise<PayoutStory> =>
  request<PayoutStory>(`/seller/payouts/${encodeURIComponent(id)}?page=${String(page)}`);

export const getNextPayout = (): Promise<NextPayout> => request<NextPayout>("/seller/next-payout");

export const getStatements = (): Promise<{ statements: StatementFile[] }> =>
  request<{ statements: StatementFile[] }>("/seller/statements");

export const chooseSchedule = (chosen: Schedule): Promise<NextPayout> =>
  intend("schedule", "/seller/payout-schedule", chosen);

/** Asks for what is available now. A lost answer is asked for again under the same key, so it is paid once. */
export const payNow = (): Promise<NextPayout> => intend("pay-now", "/seller/payouts", {});

async function intend<T>(intention: string, path: string, body: object): Promise<T> {
  try {
    const answer = await request<T>(path, { method: "POST", body, idempotencyKey: keyFor(`seller.${intention}`, body) });
    answered(`seller.${intention}`);
    return answer;
  } catch (error) {
    // A refusal is an answer. Only without one does the key have to be kept.
    if (error instanceof ApiProblem && error.status < 500 && error.status !== 429 && error.code !== "request_in_flight") {
      answered(`seller.${intention}`);
    }
    throw error;
  }
}
