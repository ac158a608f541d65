import { useEffect, useRef, useState } from "react";
import { inWords } from "../api/problems";
import { beginSetup, completeSetup } from "../api/shop";
import type { MethodSetup } from "../api/types";
import { browserLocation } from "../checkout/location";
import { NoticeBox } from "../components/NoticeBox";
import type { Notice } from "../machine/states";
import { BUTTON, isBlockedWindow, type PayPalScript } from "../payment/paypal";
import { methodsPage } from "./page";
import { useFocus } from "./useFocus";

export interface OpenedPayPal {
  script: PayPalScript;
}

interface Props {
  opened: OpenedPayPal;
  /** The words that were agreed to. */
  consent: string;
  onBack: () => void;
}

type Stage = "ready" | "window" | "saving";

/**
 * PayPal's button, in whose window the buyer agrees. What PayPal's script tells is never believed: the shop asks PayPal
 * whether the buyer has agreed, and keeps the account.
 */
export function PayPalAccount({ opened, consent, onBack }: Props) {
  const [stage, setStage] = useState<Stage>("ready");
  const [notice, setNotice] = useState<Notice | null>(null);
  const setup = useRef<MethodSetup | null>(null);
  const box = useFocus<HTMLElement>();
  const finish = useRef<(hasAgreed: boolean) => Promise<void>>(() => Promise.resolve());
  useEffect(() => {
    finish.current = async (hasAgreed) => {
      const attempt = setup.current;
      if (attempt === null) return;
      setStage("saving");
      const told = await outcomeOf(attempt, hasAgreed);
      setNotice(told);
      if (told) setStage("ready");
    };
  }, []);
  return (
    <section ref={box} className="card paypal-form" aria-label="Add PayPal" tabIndex={-1} aria-busy={stage !== "ready"}>
      {notice && <NoticeBox notice={notice} />}
      <p className="small muted">
        PayPal opens in a window of its own, where you agree that the account is kept. Nothing is charged now.
      </p>
      <SaveButton
        script={opened.script}
        consent={consent}
        onPressed={() => {
          setup.current = null;
          setNotice(null);
          setStage("window");
        }}
        onBegun={(attempt) => {
          setup.current = attempt;
        }}
        onTold={(hasAgreed) => {
          void finish.current(hasAgreed);
        }}
        onFailed={(failure) => {
          setNotice(failure);
          setStage("ready");
        }}
      />
      {/* Always there, so that what comes into it is read out. */}
      <p role="status">{STATUS[stage]}</p>
      <p>
        {stage === "window" && (
          <button
            type="button"
            className="link-button"
            onClick={() => {
              if (setup.current === null) setStage("ready");
              else void finish.current(false);
            }}
          >
            I don’t see PayPal’s window any more
          </button>
        )}
        {stage === "ready" && (
          <button type="button" className="link-button" onClick={onBack}>
            Go back
          </button>
        )}
      </p>
    </section>
  );
}

const STATUS: Record<Stage, string> = {
  ready: "",
  window: "Please finish in PayPal’s window and keep this page open.",
  saving: "Saving your PayPal account …",
};

interface ButtonProps {
  script: PayPalScript;
  consent: string;
  onPressed: () => void;
  onBegun: (setup: MethodSetup) => void;
  onTold: (hasAgreed: boolean) => void;
  onFailed: (notice: Notice) => void;
}

function SaveButton(props: ButtonProps) {
  const { script } = props;
  const place = useRef<HTMLDivElement>(null);
  const [isRefused, setRefused] = useState(false);
  // PayPal's button is made once; what it calls is what the page is at that time.
  const now = useRef(props);
  useEffect(() => {
    now.current = props;
  });
  useEffect(() => {
    let attempt: MethodSetup | null = null;
    let failure: unknown = null;
    const button = script.Buttons({
      ...BUTTON,
      onClick: () => {
        attempt = failure = null;
        now.current.onPressed();
      },
      createVaultSetupToken: async () => {
        try {
          attempt = await beginSetup("paypal", now.current.consent);
        } catch (error) {
          failure = error;
          throw error;
        }
        now.current.onBegun(attempt);
        return attempt.processor_setup_id ?? "";
      },
      onApprove: () => {
        now.current.onTold(true);
      },
      // A closed window tells nothing: the buyer may have agreed before.
      onCancel: () => {
        now.current.onTold(false);
      },
      onError: (error) => {
        if (failure !== null) now.current.onFailed(notOpened(failure));
        else if (attempt?.approval_url && isBlockedWindow(error)) browserLocation.goTo(attempt.approval_url);
        else if (attempt) now.current.onTold(false);
        else now.current.onFailed(notOpened(error));
      },
    });
    if (button.isEligible() && place.current) void button.render(place.current);
    else setRefused(true);
    return () => {
      void button.close();
    };
  }, [script]);
  if (isRefused) return <p role="alert">PayPal can’t be used in this browser. Please add a card instead.</p>;
  return <div ref={place} className="paypal-button" />;
}

function notOpened(error: unknown): Notice {
  return { tone: "error", title: "PayPal can't be opened", text: inWords(error) };
}

/** Null when the account is kept and the page is being loaded anew. */
async function outcomeOf(setup: MethodSetup, hasAgreed: boolean): Promise<Notice | null> {
  try {
    const { method } = await completeSetup(setup.id);
    if (method === null) return hasAgreed ? refused : notAgreed;
    methodsPage.showAfter(setup.id);
    return null;
  } catch (error) {
    if (hasAgreed) return { tone: "warning", title: "We are still waiting for PayPal", text: WAITING };
    return { tone: "error", title: "PayPal's answer did not arrive", text: inWords(error) };
  }
}

const WAITING = "If you agreed there, the account appears in the list above within a few minutes. You need not do it again.";

const notAgreed: Notice = {
  tone: "info",
  title: "PayPal was not added",
  text: "You did not agree in PayPal's window, so nothing was saved and nothing was charged. You can try again.",
};

const refused: Notice = {
  tone: "error",
  title: "PayPal did not let us save this account",
  text: "Nothing was saved and nothing was charged. Please try again, or add a card instead.",
};
