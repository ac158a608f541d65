import { Elements, PaymentElement, useElements, useStripe } from "@stripe/react-stripe-js";
import type { Stripe } from "@stripe/stripe-js";
import { useMemo, useRef, useState, type SubmitEvent } from "react";
import { inWords } from "../api/problems";
import { completeSetup } from "../api/shop";
import type { MethodSetup } from "../api/types";
import { NoticeBox } from "../components/NoticeBox";
import type { Notice } from "../machine/states";
import { appearanceFromTokens } from "../payment/appearance";
import { declineWords } from "../payment/declines";
import { methodsPage } from "./page";
import { useFocus } from "./useFocus";

const FAILED = "The card could not be saved";

export interface OpenedCard {
  stripe: Stripe;
  setup: MethodSetup;
  secret: string;
}

interface Props {
  opened: OpenedCard;
  onBack: () => void;
}

/** The processor's own fields, in a frame of its own. */
export function CardFields({ opened, onBack }: Props) {
  const options = useMemo(() => ({ clientSecret: opened.secret, appearance: appearanceFromTokens() }), [opened.secret]);
  return (
    <Elements stripe={opened.stripe} options={options}>
      <Fields setup={opened.setup} onBack={onBack} />
    </Elements>
  );
}

function Fields({ setup, onBack }: { setup: MethodSetup; onBack: () => void }) {
  const stripe = useStripe();
  const elements = useElements();
  const [isReady, setIsReady] = useState(false);
  const [isSaving, setIsSaving] = useState(false);
  const [notice, setNotice] = useState<Notice | null>(null);
  const isBusy = useRef(false);
  const form = useFocus<HTMLFormElement>();
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
      ref={form}
      className="card pay-form"
      aria-label="Add a card"
      tabIndex={-1}
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
      {!isSaving && (
        <p>
          <button type="button" className="link-button" onClick={onBack}>
            Go back
          </button>
        </p>
      )}
    </form>
  );
}

/** Null when the card is kept and the page is being loaded anew, or when the fields say themselves what is missing. */
async function outcomeOf(
  stripe: Stripe,
  elements: NonNullable<ReturnType<typeof useElements>>,
  setup: MethodSetup,
): Promise<Notice | null> {
  const returnUrl = new URL(methodsPage.addressAfter(setup.id), window.location.href).href;
  try {
    const result = await stripe.confirmSetup({ elements, redirect: "if_required", confirmParams: { return_url: returnUrl } });
    if (result.error) {
      if (result.error.type === "validation_error") return null;
      const { decline_code, code, message } = result.error;
      return { tone: "error", title: FAILED, text: `${declineWords(decline_code ?? code, message)} Nothing was charged.` };
    }
    const { method } = await completeSetup(setup.id);
    if (method === null) return { tone: "warning", title: "Your bank's check was not finished", text: "Please try again." };
    methodsPage.showAfter(setup.id);
    return null;
  } catch (error) {
    return { tone: "error", title: FAILED, text: inWords(error) };
  }
}
