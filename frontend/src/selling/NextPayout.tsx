import { useState } from "react";
import { formatMoney } from "../money";
import { payNow } from "./api";
import { Amount, Section } from "./Parts";
import { inWords } from "./problems";
import { ScheduleForm } from "./ScheduleForm";
import type { Expected, NextPayout as Next } from "./types";
import type { Loaded } from "./useLoad";
import { day } from "./words";

interface Props {
  loaded: Loaded<Next>;
  again: () => void;
  show: (known: Next) => void;
  /** A payout was asked for: what else is on the page has changed. */
  onAsked: () => void;
}

/** When and how much the artisan is paid next, what is in it, and what stands in the way. */
export function NextPayout({ loaded, again, show, onAsked }: Props) {
  return (
    <Section title="Your next payout" id="next-payout" loaded={loaded} again={again}>
      {(next) => (
        <>
          <When next={next} />
          {next.expected.map((one) => (
            <WhatIsInIt key={one.currency} expected={one} />
          ))}
          {next.schedule.schedule === "manual" && <PayNow next={next} onAsked={onAsked} />}
          <p className="small muted">
            You are paid {next.schedule.text}
            {next.schedule.minimum_minor > 0 && <>, from {formatMoney(next.schedule.minimum_minor, next.schedule.currency)} on</>}.
          </p>
          <ScheduleForm schedule={next.schedule} onChosen={show} />
        </>
      )}
    </Section>
  );
}

/** What only says when, which the date says too. */
const ONLY_WHEN = new Set(["waits_for_date", "waits_for_request"]);

function When({ next }: { next: Next }) {
  const reasons = next.why_not.filter(({ reason }) => !ONLY_WHEN.has(reason));
  const own = next.expected[0];
  return (
    <>
      <p className="next-when">
        {own ? (
          <strong className="next-amount">
            <Amount minor={own.amount_minor} currency={own.currency} />
          </strong>
        ) : null}{" "}
        {whenOf(next, own !== undefined)}
      </p>
      {reasons.map(({ reason, text }) => (
        <div key={reason} className={reason === "nothing_released" || reason === "below_minimum" ? "notice" : "notice warning"}>
          <p>
            {text}
            {(reason === "no_account" || reason === "requirements_due") && (
              <>
                {" "}
                <a href="/selling/getting-paid/">Getting paid</a>
              </>
            )}
          </p>
        </div>
      ))}
    </>
  );
}

function whenOf(next: Next, isAnything: boolean): string {
  if (next.date === null) return isAnything ? "when you ask for it" : "Nothing to ask for yet.";
  return isAnything ? `expected on ${day(next.date)}` : "Nothing is due yet.";
}

function WhatIsInIt({ expected }: { expected: Expected }) {
  const { currency } = expected;
  const rows: [string, number][] = [
    ["Available now", expected.available_minor],
    ["Available by then", expected.coming_minor],
    ["Reserves that end by then", expected.reserves_ending_minor],
    ["Kept back as a reserve", -expected.reserve_minor],
    ["Kept for what you owe", -expected.debts_minor],
  ];
  return (
    <details>
      <summary>
        What is in it<span className="visually-hidden">, in {currency}</span>
      </summary>
      <dl className="sums">
        {rows
          .filter(([, minor]) => minor !== 0)
          .map(([name, minor]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Amount minor={minor} currency={currency} />
              </dd>
            </div>
          ))}
        <div className="total">
          <dt>Expected</dt>
          <dd>
            <Amount minor={expected.amount_minor} currency={currency} />
          </dd>
        </div>
      </dl>
      <ul className="small next-items">
        {expected.items.map((item) => (
          <li key={`${item.order_part}-${String(item.is_available)}-${String(item.amount_minor)}`}>
            <a href={item.order_url}>{item.order_part}</a>: <Amount minor={item.amount_minor} currency={currency} />
            {!item.is_available && item.hold_until && ` on ${day(item.hold_until)}`}
          </li>
        ))}
      </ul>
      {expected.item_count > expected.items.length && (
        <p className="small muted">and {String(expected.item_count - expected.items.length)} more</p>
      )}
    </details>
  );
}

type Asking = { state: "idle" } | { state: "asking" } | { state: "asked" } | { state: "refused"; error: unknown };

function PayNow({ next, onAsked }: { next: Next; onAsked: () => void }) {
  const [asking, setAsking] = useState<Asking>({ state: "idle" });
  const ask = () => {
    if (asking.state === "asking") return;
    setAsking({ state: "asking" });
    payNow().then(
      () => {
        setAsking({ state: "asked" });
        onAsked();
      },
      (error: unknown) => {
        setAsking({ state: "refused", error });
      },
    );
  };
  const isOff = !next.can_be_asked_for || asking.state === "asking";
  return (
    <div className="pay-now">
      <button type="button" className="button" aria-disabled={isOff} onClick={isOff ? undefined : ask}>
        Pay me now
      </button>
      <p role="status">
        {asking.state === "asking" && "Asking for your payout …"}
        {asking.state === "asked" && "Your payout is being made. It stands among your payouts in a moment."}
      </p>
      {asking.state === "refused" && (
        <div className="notice error" role="alert">
          <p>{inWords(asking.error)}</p>
        </div>
      )}
    </div>
  );
}
