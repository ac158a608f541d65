import { useCallback } from "react";
import { formatMoney } from "../money";
import { getStory } from "./api";
import { Heading } from "./Heading";
import { Amount, Failed, Pager, Tag } from "./Parts";
import { pageOf, whenOf, withPage } from "./Payouts";
import { ApiProblem } from "../api/problems";
import { Link, overviewUrl, payoutUrl, useAddress } from "./router";
import type { PayoutStory, StoryItem, StoryLine } from "./types";
import { useLoad } from "./useLoad";
import { day, PAYOUT_WORDS, STORY_WORDS } from "./words";

/** "Why this payout?": every item with its lines, which add up to the payout to the cent. */
export function Why({ id }: { id: string }) {
  const address = useAddress();
  const page = pageOf(address, "page");
  const load = useCallback(() => getStory(id, page), [id, page]);
  const [loaded, again] = useLoad(load);
  const story = loaded.state === "ready" ? loaded.data : loaded.state === "loading" ? loaded.before : null;
  const isMissing = loaded.state === "failed" && loaded.error instanceof ApiProblem && loaded.error.status === 404;
  return (
    <>
      <p className="eyebrow">
        <Link href={overviewUrl}>Your money</Link>
      </p>
      <Heading key={id}>Why this payout?</Heading>
      <p role="status" className={story === null && loaded.state === "loading" ? "muted" : "visually-hidden"}>
        {loaded.state === "loading" ? "Loading this payout …" : ""}
      </p>
      {isMissing && <p>There is no such payout among yours.</p>}
      {loaded.state === "failed" && !isMissing && <Failed title="This payout" error={loaded.error} again={again} />}
      {story && (
        <>
          <Summary story={story} />
          <section aria-labelledby="items">
            <h2 id="items" tabIndex={-1}>{story.count === 1 ? "The one item in it" : `The ${String(story.count)} items in it`}</h2>
            {story.items.map((item) => (
              <Item key={item.id} item={item} currency={story.payout.currency} here={id} />
            ))}
            <Pager what="items" heading="items" page={story.page} pages={story.pages} href={(number) => withPage(address, "page", number)} />
          </section>
        </>
      )}
    </>
  );
}

function Summary({ story }: { story: PayoutStory }) {
  const { payout } = story;
  const { text, tone } = PAYOUT_WORDS[payout.status];
  return (
    <section className="card" aria-labelledby="comes-to">
      <h2 id="comes-to">
        <Amount minor={payout.amount_minor} currency={payout.currency} /> on {day(payout.created_at)}
      </h2>
      <p>
        <Tag tone={tone}>{text}</Tag>
        <span className="small muted">
          {" "}
          {payout.id}
          {whenOf(payout)}
          {payout.attempts > 1 && `, sent to your bank ${String(payout.attempts)} times`}
        </span>
      </p>
      {payout.failure_text && (
        <div className={payout.status === "brought_back" ? "notice warning" : "notice error"}>
          <p>
            {payout.failure_text}
            {payout.status === "bank_failed" && (
              <>
                {" "}
                <a href="/selling/getting-paid/">Getting paid</a>
              </>
            )}
          </p>
        </div>
      )}
      {payout.brought_back_minor > 0 && (
        <p className="small">
          Of this, {formatMoney(payout.brought_back_minor, payout.currency)} came back to us later, for what you owed.
        </p>
      )}
      <dl className="sums">
        {story.sums.map(({ kind, amount_minor }) => (
          <div key={kind}>
            <dt>{STORY_WORDS[kind]}</dt>
            <dd>
              <Amount minor={amount_minor} currency={payout.currency} />
            </dd>
          </div>
        ))}
        <div className="total">
          <dt>This payout</dt>
          <dd>
            <Amount minor={payout.amount_minor} currency={payout.currency} />
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Item({ item, currency, here }: { item: StoryItem; currency: string; here: string }) {
  const heading = `item-${item.id}`;
  return (
    <article className="card story-item" aria-labelledby={heading}>
      <h3 id={heading}>
        {item.order_url && item.order_part ? <a href={item.order_url}>Order of {day(item.sold_at)}</a> : `Of ${day(item.sold_at)}`}
      </h3>
      {item.order_part && <p className="small muted order-id">{item.order_part}</p>}
      <dl className="sums">
        {item.lines.map((line, index) => (
          <div key={`${line.kind}-${line.reference}-${String(index)}`}>
            <dt>
              <Line line={line} currency={currency} order={item.order_url} here={here} />
            </dt>
            <dd>
              <Amount minor={line.amount_minor} currency={currency} />
            </dd>
          </div>
        ))}
        <div className="total">
          <dt>In this payout</dt>
          <dd>
            <Amount minor={item.amount_minor} currency={currency} />
          </dd>
        </div>
      </dl>
    </article>
  );
}

/** What a line is for, linked to where it can be read up. */
function Line({ line, currency, order, here }: { line: StoryLine; currency: string; order: string | null; here: string }) {
  const details = detailsOf(line, currency);
  const url = anchored(line);
  const words = line.kind === "goods" ? line.title : STORY_WORDS[line.kind];
  return (
    <>
      {url && (line.kind !== "goods" || url !== order) && isElsewhere(line) ? <a href={url}>{words}</a> : words}
      {details.map((text) => (
        <span key={text} className="small muted story-detail">
          {text}
        </span>
      ))}
      {line.payout && line.payout !== here && (
        <span className="small story-detail">
          <Link href={payoutUrl(line.payout)}>The earlier payout</Link>
        </span>
      )}
    </>
  );
}

const READ_UP = new Set(["refund", "dispute", "given_back", "debt"]);
const isElsewhere = (line: StoryLine): boolean => READ_UP.has(line.kind);

/** A refund stands on the order's page under its own heading. */
function anchored(line: StoryLine): string | null {
  if (line.order_url === null) return null;
  return line.reference.startsWith("ref_") ? `${line.order_url}#refunds` : line.order_url;
}

function detailsOf(line: StoryLine, currency: string): string[] {
  const told: string[] = [];
  if (line.quantity !== null && line.unit_price_minor !== null) {
    told.push(`${String(line.quantity)} × ${formatMoney(line.unit_price_minor, currency)}`);
  }
  if (line.buyer_got_minor !== null) told.push(`The buyer got ${formatMoney(line.buyer_got_minor, currency)} back; this is what you bear of it.`);
  if (line.at !== null) told.push(day(line.at));
  if (line.until !== null) told.push(`given back on ${day(line.until)} at the latest`);
  if (line.reference && line.kind !== "goods") told.push(line.reference);
  return told;
}
