import { useCallback } from "react";
import { getPayouts } from "./api";
import { Amount, Pager, Section, Tag } from "./Parts";
import { Link, payoutUrl, useAddress } from "./router";
import type { Payout } from "./types";
import { useLoad } from "./useLoad";
import { day, PAYOUT_WORDS } from "./words";

export function Payouts({ refresh }: { refresh: number }) {
  const address = useAddress();
  const page = pageOf(address, "payouts");
  // A payout that was just asked for is loaded too.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const load = useCallback(() => getPayouts(page), [page, refresh]);
  const [loaded, again] = useLoad(load);
  return (
    <Section title="Your payouts" id="payouts" loaded={loaded} again={again}>
      {(data) =>
        data.count === 0 ? (
          <p>You have not been paid yet. Each payout stands here, with the reason for every cent of it.</p>
        ) : (
          <>
            <ul className="money-list">
              {data.payouts.map((payout) => (
                <One key={payout.id} payout={payout} />
              ))}
            </ul>
            <Pager what="payouts" heading="payouts" page={data.page} pages={data.pages} href={(number) => withPage(address, "payouts", number)} />
          </>
        )
      }
    </Section>
  );
}

function One({ payout }: { payout: Payout }) {
  const { text, tone } = PAYOUT_WORDS[payout.status];
  return (
    <li>
      <div>
        <p>
          <Link href={payoutUrl(payout.id)}>
            {day(payout.created_at)}
            <span className="visually-hidden">: why this payout?</span>
          </Link>{" "}
          <Tag tone={tone}>{text}</Tag>
        </p>
        <p className="small muted">
          {payout.items === 1 ? "1 item" : `${String(payout.items)} items`}
          {whenOf(payout)}
        </p>
        {payout.failure_text && <p className="small bad-words">{payout.failure_text}</p>}
      </div>
      <p className="numbers money-amount">
        <strong>
          <Amount minor={payout.amount_minor} currency={payout.currency} />
        </strong>
        <span className="small">
          <Link href={payoutUrl(payout.id)}>Why this payout?</Link>
        </span>
      </p>
    </li>
  );
}

export function whenOf(payout: Payout): string {
  if (payout.status === "paid" && payout.paid_at) return `, arrived on ${day(payout.paid_at)}`;
  if (payout.status === "on_its_way" && payout.arrival_date) return `, expected at your bank on ${day(payout.arrival_date)}`;
  return "";
}

export function pageOf(address: URL, name: string): number {
  const asked = Number(address.searchParams.get(name) ?? "1");
  return Number.isSafeInteger(asked) && asked >= 1 && asked <= 10_000 ? asked : 1;
}

export function withPage(address: URL, name: string, page: number): string {
  const next = new URL(address);
  next.searchParams.set(name, String(page));
  return next.pathname + next.search;
}
