import { lazy, Suspense, useCallback, useId, useState } from "react";
import { shopNow } from "../api/client";
import { getDays } from "./api";
import { Amount, Section } from "./Parts";
import { goTo, useAddress } from "./router";
import type { Days } from "./types";
import { useLoad } from "./useLoad";
import { day } from "./words";

const Chart = lazy(() => import("./Chart"));

const DAY_MS = 86_400_000;
const RANGES = [
  { days: 30, name: "30 days" },
  { days: 90, name: "90 days" },
  { days: 365, name: "A year" },
] as const;
const USUAL = 90;

/** A day in UTC, as the books count. */
const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The balance at the end of each day, and what was sold on it. */
export function OverTime({ currencies }: { currencies: readonly string[] }) {
  const address = useAddress();
  const asked = Number(address.searchParams.get("days"));
  const range = RANGES.find(({ days }) => days === asked)?.days ?? USUAL;
  const [chosen, choose] = useState<string | null>(null);
  const currency = chosen ?? currencies[0] ?? "EUR";
  const load = useCallback(() => {
    const now = shopNow();
    return getDays(currency, dateOf(now - (range - 1) * DAY_MS), dateOf(now));
  }, [currency, range]);
  const [loaded, again] = useLoad(load);
  const id = useId();
  const beside = (
    <div className="selling-choices">
      {currencies.length > 1 && (
        <label>
          <span className="visually-hidden">Currency</span>
          <select
            value={currency}
            onChange={(event) => {
              choose(event.target.value);
            }}
          >
            {currencies.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        </label>
      )}
      <label htmlFor={id}>
        <span className="visually-hidden">Days shown</span>
        <select
          id={id}
          value={range}
          onChange={(event) => {
            const next = new URL(address);
            next.searchParams.set("days", event.target.value);
            goTo(next.href);
          }}
        >
          {RANGES.map(({ days, name }) => (
            <option key={days} value={days}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
  return (
    <Section title="Day by day" id="over-time" loaded={loaded} again={again} beside={beside}>
      {(days) => (
        <>
          {isEmpty(days) ? (
            <p>Nothing yet in these days. After your first sale you see here how your balance grows.</p>
          ) : (
            <Suspense fallback={<p className="muted chart-place">Drawing …</p>}>
              <Chart days={days} />
            </Suspense>
          )}
          <AsTable days={days} />
        </>
      )}
    </Section>
  );
}

const FIGURES = ["available_minor", "pending_minor", "reserved_minor", "disputed_minor", "owed_minor", "sold_minor"] as const;

const isEmpty = (days: Days): boolean => days.points.every((point) => FIGURES.every((figure) => point[figure] === 0));

/** The same figures for who can't see, or does not want to read, the drawing. Days on which nothing changed are left out. */
function AsTable({ days }: { days: Days }) {
  const rows = days.points.filter((point, index) => {
    const before = days.points[index - 1];
    return before === undefined || point.sold_minor !== 0 || FIGURES.some((figure) => figure !== "sold_minor" && point[figure] !== before[figure]);
  });
  return (
    <details className="as-table">
      <summary>Show as a table</summary>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reachable by keyboard */}
      <div className="scrolls" role="region" aria-label="Day by day, as a table" tabIndex={0}>
        <table>
          <caption>
            The end of each day on which something changed (UTC), in {days.currency}. The newest comes first.
          </caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Available</th>
              <th scope="col">Pending</th>
              <th scope="col">Reserved</th>
              <th scope="col">Disputed</th>
              <th scope="col">You owe</th>
              <th scope="col">Sold</th>
            </tr>
          </thead>
          <tbody>
            {rows.reverse().map((point) => (
              <tr key={point.date}>
                <th scope="row">{day(point.date)}</th>
                {FIGURES.map((figure) => (
                  <td key={figure}>
                    <Amount minor={point[figure]} currency={days.currency} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
