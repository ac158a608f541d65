/* Stand-in for PayPal's browser script, version 5: the button, the window in which the buyer approves, and the way back. */
(() => {
  "use strict";

  const script = document.currentScript;
  const base = new URL(script.src);
  const options = base.searchParams;
  const currency = options.get("currency") || "USD";
  const CURRENCIES = (
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD"
  ).split(" ");
  const FUNDING = { PAYPAL: "paypal", CARD: "card", PAYLATER: "paylater", VENMO: "venmo", SEPA: "sepa" };
  const WINDOW = "width=480,height=720,menubar=no,toolbar=no,location=yes,status=no,resizable=yes,scrollbars=yes";
  const LOOK_MILLISECONDS = 150;

  const address = (path, parameters) => {
    const url = new URL(path, base.origin);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  };

  /* The page of PayPal's for an order or a setup token. */
  const page = (id, vaulting, more = {}) =>
    vaulting
      ? address("/paypal/agreements/approve", { approval_session_id: id, ...more })
      : address("/paypal/checkoutnow", { token: id, ...more });

  /* Opened while the click still counts as the buyer's wish; null where the browser refuses. */
  const openWindow = () => {
    const opened = window.open(address("/paypal/loading.html", {}), "paypal-sandbox", WINDOW);
    return opened && !opened.closed ? opened : null;
  };

  /* Resolves to what the window tells: approved, cancelled, or silent (approved, and nobody is told). */
  const outcomeOf = (opened, id) =>
    new Promise((resolve) => {
      const finish = (result) => {
        window.removeEventListener("message", onMessage);
        clearInterval(timer);
        resolve(result);
      };
      const onMessage = (event) => {
        if (event.origin !== base.origin || event.source !== opened) return;
        const told = event.data;
        if (told && told.source === "paypal-sandbox" && told.id === id) finish(told);
      };
      const timer = setInterval(() => {
        // A moment for a message that was sent just before the window closed.
        if (opened.closed) setTimeout(() => finish({ outcome: "cancelled" }), LOOK_MILLISECONDS);
      }, LOOK_MILLISECONDS);
      window.addEventListener("message", onMessage);
    });

  const label = (style) =>
    ({ checkout: "PayPal Checkout", pay: "Pay with PayPal", buynow: "Buy now with PayPal" })[style.label] || "PayPal";

  const COLOURS = {
    gold: ["#ffc439", "#111"],
    blue: ["#0070ba", "#fff"],
    silver: ["#eee", "#111"],
    white: ["#fff", "#111"],
    black: ["#2c2e2f", "#fff"],
  };

  const makeButton = (props) => {
    const style = props.style || {};
    const [background, colour] = COLOURS[style.color] || COLOURS.gold;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label(style);
    button.setAttribute("data-funding-source", props.fundingSource || FUNDING.PAYPAL);
    Object.assign(button.style, {
      background,
      color: colour,
      border: "1px solid rgb(0 0 0 / 15%)",
      borderRadius: style.shape === "pill" ? "999px" : "6px",
      cursor: "pointer",
      display: "block",
      font: "italic 700 18px/1 system-ui, sans-serif",
      height: `${style.height || 45}px`,
      width: "100%",
    });
    return button;
  };

  /* Whether the shop lets the click through: onClick may refuse by its actions, by its promise or by `false`. */
  const allowed = async (props) => {
    if (!props.onClick) return true;
    let refused = false;
    const actions = {
      resolve: () => Promise.resolve(),
      reject: () => {
        refused = true;
        return Promise.resolve();
      },
    };
    const answer = await props.onClick({ fundingSource: props.fundingSource || FUNDING.PAYPAL }, actions);
    return !refused && answer !== false;
  };

  const noClientSide = () => {
    throw new Error("Orders are made and captured by the shop's server.");
  };

  class Payment {
    constructor(props) {
      this.props = props;
      this.vaulting = typeof props.createVaultSetupToken === "function";
    }

    async run() {
      // First of all, before anything that takes time: otherwise the browser takes the window for an advertisement.
      this.window = openWindow();
      try {
        if (!(await allowed(this.props))) return this.closeWindow();
        const id = await this.create();
        if (typeof id !== "string" || !id) throw new Error("Expected an order id to be passed");
        await this.ask(id);
      } catch (error) {
        this.closeWindow();
        this.report(error);
      }
      return undefined;
    }

    create() {
      const data = { paymentSource: this.props.fundingSource || FUNDING.PAYPAL };
      return this.vaulting
        ? this.props.createVaultSetupToken(data, {})
        : this.props.createOrder(data, { order: { create: noClientSide } });
    }

    async ask(id) {
      if (!this.window) {
        // The window was blocked: this page itself goes there, and comes back to return_url or cancel_url.
        window.location.assign(page(id, this.vaulting));
        return;
      }
      this.window.location.replace(page(id, this.vaulting, { opener: window.location.origin }));
      const told = await outcomeOf(this.window, id);
      this.closeWindow();
      if (told.outcome === "approved") await this.approved(id, told);
      else if (told.outcome === "cancelled") await this.props.onCancel?.(this.vaulting ? { vaultSetupToken: id } : { orderID: id }, {
        redirect: (url) => window.location.assign(url),
      });
    }

    async approved(id, told) {
      const actions = {
        order: { get: noClientSide, capture: noClientSide, authorize: noClientSide },
        redirect: (url) => window.location.assign(url),
        // After INSTRUMENT_DECLINED: the buyer chooses once more. No click of the buyer's is under way any more, so
        // the window may be refused, and then this page goes there itself.
        restart: () => {
          this.window = openWindow();
          return this.ask(id);
        },
      };
      const data = this.vaulting
        ? { vaultSetupToken: id }
        : {
            orderID: id,
            payerID: told.payer_id,
            paymentID: null,
            billingToken: null,
            facilitatorAccessToken: "sandbox",
            paymentSource: this.props.fundingSource || FUNDING.PAYPAL,
          };
      await this.props.onApprove?.(data, actions);
    }

    closeWindow() {
      if (this.window && !this.window.closed) this.window.close();
    }

    report(error) {
      if (this.props.onError) this.props.onError(error);
      else throw error;
    }
  }

  const Buttons = (props = {}) => {
    let container = null;
    let button = null;
    let busy = false;
    const known = [undefined, FUNDING.PAYPAL].includes(props.fundingSource);
    const setDisabled = (disabled) => {
      if (button) button.disabled = disabled;
      return Promise.resolve();
    };
    const pay = async () => {
      if (busy) return;
      busy = true;
      try {
        await new Payment(props).run();
      } finally {
        busy = false;
      }
    };
    return {
      isEligible: () => known && CURRENCIES.includes(currency),
      render: (target) => {
        container = typeof target === "string" ? document.querySelector(target) : target;
        if (!container) return Promise.reject(new Error("Document is ready and element does not exist"));
        button = makeButton(props);
        button.addEventListener("click", () => void pay());
        container.append(button);
        props.onInit?.({}, { enable: () => setDisabled(false), disable: () => setDisabled(true) });
        return Promise.resolve();
      },
      updateProps: (changed) => {
        Object.assign(props, changed);
        return Promise.resolve();
      },
      close: () => {
        button?.remove();
        button = null;
        return Promise.resolve();
      },
    };
  };

  const paypal = {
    version: "5.0.sandbox",
    FUNDING,
    INTENT: { CAPTURE: "capture", AUTHORIZE: "authorize", TOKENIZE: "tokenize" },
    Buttons,
    getFundingSources: () => [FUNDING.PAYPAL],
    isFundingEligible: (source) => source === FUNDING.PAYPAL && CURRENCIES.includes(currency),
    rememberFunding: () => undefined,
  };
  window[script.getAttribute("data-namespace") || "paypal"] = paypal;
})();
