import type { Balance, Money } from "./types";
import { Amount, Section } from "./Parts";
import type { Loaded } from "./useLoad";

interface Place {
  key: "pending_minor" | "available_minor" | "on_its_way_minor" | "reserved_minor" | "disputed_minor" | "paid_minor" | "owed_minor";
  name: string;
  words: string;
  /** Those that most artisans never have are left out while there is nothing in them. */
  onlyIfAny?: boolean;
}

const PLACES: readonly Place[] = [
  { key: "available_minor", name: "Available", words: "Goes out with your next payout." },
  { key: "pending_minor", name: "Pending", words: "Sold. Becomes available once it has arrived and its hold is over." },
  { key: "on_its_way_minor", name: "On its way", words: "In a payout, not at your bank yet." },
  { key: "paid_minor", name: "Paid", words: "Has arrived at your bank, ever." },
  { key: "reserved_minor", name: "Reserved", words: "Kept back for a time, then available again.", onlyIfAny: true },
  { key: "disputed_minor", name: "Disputed", words: "Kept back until a buyer's bank has decided.", onlyIfAny: true },
  { key: "owed_minor", name: "You owe", words: "Of refunds and disputes after your payout. We keep it from what becomes available.", onlyIfAny: true },
];

export function Balances({ loaded, again }: { loaded: Loaded<Money>; again: () => void }) {
  return (
    <Section title="Your balance" id="balance" loaded={loaded} again={again}>
      {(money) => money.balances.map((balance) => <OfCurrency key={balance.currency} balance={balance} isOnly={money.balances.length === 1} />)}
    </Section>
  );
}

function OfCurrency({ balance, isOnly }: { balance: Balance; isOnly: boolean }) {
  return (
    <>
      {!isOnly && <h3>In {balance.currency}</h3>}
      <dl className="balances">
        {PLACES.filter((place) => !place.onlyIfAny || balance[place.key] !== 0).map((place) => (
          <div key={place.key} className={place.key === "available_minor" ? "balance main" : "balance"}>
            <dt>{place.name}</dt>
            <dd className="balance-amount">
              <Amount minor={balance[place.key]} currency={balance.currency} />
            </dd>
            <dd className="small muted">
              {place.words}
              {place.key === "on_its_way_minor" && balance.stuck_minor > 0 && (
                <strong className="bad-words">
                  {" "}
                  Your bank sent <Amount minor={balance.stuck_minor} currency={balance.currency} /> back: see your payouts.
                </strong>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
