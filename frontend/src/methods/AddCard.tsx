import { Elements, PaymentElement, useElements, useStripe } from "@stripe/react-stripe-js";
import type { Stripe } from "@stripe/stripe-js";
import { useRef, useState, type SubmitEvent } from "react";
import { inWords } from "../api/problems";
import { beginSetup, completeSetup, getConfig } from "../api/shop";
import type { MethodSetup } from "../api/types";
import { NoticeBox } from "../components/NoticeBox";
import type { Notice } from "../machine/states";
import { appearanceFromTokens } from "../payment/appearance";
import { declineWords } from "../payment/declines";
import { stripeFor } from "../payment/stripe";

const CONSENT = document.getElementById("add-method-root")?.dataset["consent"] ?? "";
const FAILED = "The card could not be saved";

interface Opened {
  stripe: Stripe;
  setup: MethodSetup;
  secret: string;
}

/** Keeps a card without buying anything: first the consent, then the processor's own fields. */
export function AddCard() {
  const [hasAgreed, setHasAgreed] = useState(false);
  const [isOpening, setIsOpening] = useState(false);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [notice, setNotice] = useState<Notice | null>(null);
  const open = async () => {
    if (isOpening) return;
    setIsOpening(true);
    setNotice(null);
    try {
      const stripe = await stripeFor(await getConfig());
      const setup = await beginSetup("card");
      if (setup.client_secret) setOpened({ stripe, setup, secret: setup.client_secret });
    } catch (error) {
      setNotice({ tone: "error", title: FAILED, text: inWords(error) });
    } finally {
      setIsOpening(false);
    }
  };
  if (opened) {
    return (
      <Elements stripe={opened.stripe} options={{ clientSecret: opened.secret, appearance: appearanceFromTokens() }}>
        <CardFields setup={opened.setup} />
      </Elements>
    );
  }
  return (
    <form
      className="card"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        void open();
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
          {CONSENT}
        </label>
      </div>
      <button className="button" type="submit" aria-disabled={isOpening}>
        {isOpening ? "Opening the card form …" : "Add a card"}
      </button>
    </form>
  );
}

function CardFields({ setup }: { setup: MethodSetup }) {
  const stripe = useStripe();
  const elements = useElements();
  const [isReady, setIsReady] = useState(false);
  const [isSaving, setIsSaving] = useState(false);
  const [notice, setNotice] = useState<Notice | null>(null);
  const isBusy = useRef(false);
  const save = async () => {
    if (isBusy.current || !stripe || !elements || !isReady) return;
    isBusy.current = true;
    setIsSaving(true);
    setNotice(await outcomeOf(stripe, elements, setup));
    isBusy.current = false;
    setIsSaving(false);
  };
  return (
    <form
      className="card pay-form"
      aria-busy={isSaving}
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        void save();
      }}
    >
      {notice && <NoticeBox notice={notice} />}
      <PaymentElement
        options={{ layout: "tabs" }}
        onReady={() => {
          setIsReady(true);
        }}
        onLoadError={() => {
          setNotice({ tone: "error", title: "The card form could not be shown", text: "Please reload this page." });
        }}
      />
      <button className="button" type="submit" aria-disabled={isSaving || !isReady}>
        {isSaving ? "Saving …" : "Save this card"}
      </button>
      <p className="small muted">
        Your card details go straight to the payment service. This shop never sees them. Nothing is charged now.
      </p>
    </form>
  );
}

/** Null when the card is kept and the page is being loaded anew. */
async function outcomeOf(
  stripe: Stripe,
  elements: NonNullable<ReturnType<typeof useElements>>,
  setup: MethodSetup,
): Promise<Notice | null> {
  const returnUrl = new URL(`?setup=${setup.id}`, window.location.href).href;
  try {
    const result = await stripe.confirmSetup({ elements, redirect: "if_required", confirmParams: { return_url: returnUrl } });
    if (result.error) {
      if (result.error.type === "validation_error") return null;
      const { decline_code, code, message } = result.error;
      return { tone: "error", title: FAILED, text: `${declineWords(decline_code ?? code, message)} Nothing was charged.` };
    }
    const { method } = await completeSetup(setup.id);
    if (method === null) return { tone: "warning", title: "Your bank's check was not finished", text: "Please try again." };
    window.location.assign(window.location.pathname);
    return null;
  } catch (error) {
    return { tone: "error", title: FAILED, text: inWords(error) };
  }
}
