import { useCallback } from "react";
import { getRepayments } from "./api";
import { Amount, Pager, Section, Tag } from "./Parts";
import { pageOf, withPage } from "./Payouts";
import { useAddress } from "./router";
import type { Repayment, Repayments as Page } from "./types";
import { useLoad } from "./useLoad";
import { day } from "./words";

/** What the artisan paid to our bank account. Most never do: without one there is no such part. */
export function Repayments() {
  const address = useAddress();
  const page = pageOf(address, "repayments");
  const load = useCallback(() => getRepayments(page), [page]);
  const [loaded, again] = useLoad(load);
  const known = loaded.state === "ready" ? loaded.data : loaded.state === "loading" ? loaded.before : null;
  if (loaded.state !== "failed" && (known === null || known.count === 0)) return null;
  return (
    <Section title="What you paid back" id="repayments" loaded={loaded} again={again}>
      {(data) => (
        <>
          <StillOwed owed={data.owed} />
          <ul className="money-list">
            {data.repayments.map((repayment) => (
              <One key={repayment.id} repayment={repayment} />
            ))}
          </ul>
          <Pager what="what you paid back" heading="repayments" page={data.page} pages={data.pages} href={(number) => withPage(address, "repayments", number)} />
        </>
      )}
    </Section>
  );
}

function StillOwed({ owed }: { owed: Page["owed"] }) {
  if (owed.length === 0) return <p>You owe us nothing now.</p>;
  return (
    <p>
      You still owe{" "}
      {owed.map(({ currency, amount_minor }, index) => (
        <span key={currency}>
          {index > 0 && " and "}
          <strong>
            <Amount minor={amount_minor} currency={currency} />
          </strong>
        </span>
      ))}
      .
    </p>
  );
}

function One({ repayment }: { repayment: Repayment }) {
  return (
    <li>
      <div>
        <p>
          {day(repayment.received_on)} {repayment.status === "undone" && <Tag tone="warn">Recorded by mistake, owed again</Tag>}
        </p>
        <p className="small muted">Our bank&rsquo;s reference: {repayment.bank_reference}</p>
      </div>
      <p className="numbers money-amount">
        {repayment.status === "undone" ? (
          <s>
            <Amount minor={repayment.amount_minor} currency={repayment.currency} />
          </s>
        ) : (
          <strong>
            <Amount minor={repayment.amount_minor} currency={repayment.currency} />
          </strong>
        )}
      </p>
    </li>
  );
}
