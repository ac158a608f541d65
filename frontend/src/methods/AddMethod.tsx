import { useRef, useState, type SubmitEvent } from "react";
import { inWords } from "../api/problems";
import { beginSetup, getConfig } from "../api/shop";
import { NoticeBox } from "../components/NoticeBox";
import type { Notice } from "../machine/states";
import { payPalForSaving } from "../payment/paypal";
import { stripeFor } from "../payment/stripe";
import { CardFields, type OpenedCard } from "./CardFields";
import { PayPalAccount, type OpenedPayPal } from "./PayPalAccount";
import { useFocus } from "./useFocus";

interface Props {
  /** The words that are agreed to; they are stored with what is kept. */
  consent: string;
  takesPayPal: boolean;
}

type Kind = "card" | "paypal";
type Opened = ({ kind: "card" } & OpenedCard) | ({ kind: "paypal" } & OpenedPayPal);

const KINDS = ["card", "paypal"] as const;
const ADD: Record<Kind, string> = { card: "Add a card", paypal: "Add PayPal" };
const OPENING: Record<Kind, string> = { card: "Opening the card form …", paypal: "Opening PayPal …" };
const FAILED: Record<Kind, string> = {
  card: "The card form could not be opened",
  paypal: "PayPal could not be opened",
};

/** Keeps a way to pay without buying anything: first the consent, then the payment service's own fields or window. */
export function AddMethod({ consent, takesPayPal }: Props) {
  const [hasAgreed, setHasAgreed] = useState(false);
  const [opening, setOpening] = useState<Kind | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [notice, setNotice] = useState<Notice | null>(null);
  const isBusy = useRef(false);
  const wanted = useRef<Kind>("card");
  const [isBack, setIsBack] = useState(false);
  const form = useFocus<HTMLFormElement>(isBack && opened === null);
  const choose = async (kind: Kind) => {
    if (isBusy.current) return;
    isBusy.current = true;
    setOpening(kind);
    setNotice(null);
    try {
      setOpened(await open(kind, consent));
    } catch (error) {
      setNotice({ tone: "error", title: FAILED[kind], text: inWords(error) });
    } finally {
      isBusy.current = false;
      setOpening(null);
    }
  };
  const back = () => {
    setOpened(null);
    setIsBack(true);
  };
  if (opened?.kind === "card") return <CardFields opened={opened} onBack={back} />;
  if (opened?.kind === "paypal") return <PayPalAccount opened={opened} consent={consent} onBack={back} />;
  return (
    <form
      ref={form}
      className="card"
      aria-label="Add a way to pay"
      tabIndex={-1}
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        void choose(wanted.current);
      }}
    >
      {notice && <NoticeBox notice={notice} />}
      <div className="field check">
        <label>
          <input
            type="checkbox"
            required
            checked={hasAgreed}
            onChange={(event) => {
              setHasAgreed(event.target.checked);
            }}
          />{" "}
          {consent}
        </label>
      </div>
      <p className="actions">
        {KINDS.filter((kind) => kind === "card" || takesPayPal).map((kind) => (
          <button
            key={kind}
            className="button"
            type="submit"
            aria-disabled={opening !== null}
            onClick={() => {
              wanted.current = kind;
            }}
          >
            {opening === kind ? OPENING[kind] : ADD[kind]}
          </button>
        ))}
      </p>
      <p className="small muted">Nothing is charged now.</p>
    </form>
  );
}

async function open(kind: Kind, consent: string): Promise<Opened> {
  const config = await getConfig();
  // PayPal's attempt begins when its button is pressed: a look at the button alone is none.
  if (kind === "paypal") return { kind, script: await payPalForSaving(config) };
  const stripe = await stripeFor(config);
  const setup = await beginSetup("card", consent);
  if (!setup.client_secret) throw new Error("The attempt has no secret.");
  return { kind, stripe, setup, secret: setup.client_secret };
}
