/**
 * The sandbox's Stripe.js: the part of https://docs.stripe.com/js that a checkout with the Payment Element uses, with
 * the same calls, events and answers. The card fields live in a frame of this script's origin (elements/payment.html);
 * the page that loads this script never sees what is typed there.
 */
(() => {
  "use strict";

  if (window.Stripe) return;

  const BASE = new URL(".", document.currentScript.src);
  const ORIGIN = BASE.origin;
  /** The release train that @stripe/stripe-js of this version expects. */
  const VERSION = "endive";
  const FRAME_TITLE = "Secure payment input frame";
  const FRAME_TIMEOUT_MS = 15_000;

  const lib = (name) => import(new URL(`lib/${name}.js`, BASE));

  let frames = 0;

  /** A Payment Element, or a Card Element, which here looks the same. */
  class Element {
    #elements;
    #type;
    #options;
    #frame = null;
    #id = `frame-${(frames += 1)}`;
    #listeners = new Map();
    #questions = new Map();
    #asked = 0;
    #isReady = false;
    #timer = 0;

    constructor(elements, type, options) {
      this.#elements = elements;
      this.#type = type;
      this.#options = options;
    }

    get _type() {
      return this.#type;
    }

    mount(place) {
      const parent = typeof place === "string" ? document.querySelector(place) : place;
      if (!(parent instanceof window.Element)) throw integrationError("The place to mount the Element in was not found.");
      if (this.#frame !== null) throw integrationError("This Element is mounted already.");
      const frame = document.createElement("iframe");
      const hash = new URLSearchParams({ origin: location.origin, frame: this.#id });
      frame.src = new URL(`elements/payment.html#${hash}`, BASE).href;
      frame.title = FRAME_TITLE;
      frame.name = `__privateStripeFrame${this.#id}`;
      frame.allow = "payment *";
      Object.assign(frame.style, { display: "block", width: "calc(100% + 8px)", margin: "-4px", border: "0", height: "19rem" });
      this.#frame = frame;
      window.addEventListener("message", this.#receive);
      this.#timer = setTimeout(() => this.#fail("The card fields could not be loaded."), FRAME_TIMEOUT_MS);
      this.#emit("loaderstart", { elementType: this.#type });
      parent.replaceChildren(frame);
      return this;
    }

    unmount() {
      clearTimeout(this.#timer);
      window.removeEventListener("message", this.#receive);
      this.#frame?.remove();
      this.#frame = null;
      this.#isReady = false;
      for (const answer of this.#questions.values()) answer({ error: apiConnectionError() });
      this.#questions.clear();
    }

    destroy() {
      this.unmount();
      this.#listeners.clear();
      this.#elements._forget(this);
    }

    on(event, handler) {
      const handlers = this.#listeners.get(event) ?? new Set();
      this.#listeners.set(event, handlers.add(handler));
      if (event === "ready" && this.#isReady) queueMicrotask(() => handler({ elementType: this.#type }));
      return this;
    }

    once(event, handler) {
      const only = (payload) => {
        this.off(event, only);
        handler(payload);
      };
      return this.on(event, only);
    }

    off(event, handler) {
      if (handler) this.#listeners.get(event)?.delete(handler);
      else this.#listeners.delete(event);
      return this;
    }

    addEventListener(event, handler) {
      return this.on(event, handler);
    }

    removeEventListener(event, handler) {
      return this.off(event, handler);
    }

    update(options) {
      this.#options = { ...this.#options, ...options };
      this.#post("update", { options });
    }

    focus() {
      this.#frame?.focus();
      this.#post("focus");
    }

    blur() {
      this.#post("blur");
    }

    clear() {
      this.#post("clear");
    }

    collapse() {
      // There is one payment method, and it stays open.
    }

    _restyle(appearance) {
      this.#post("update", { appearance });
    }

    /** Asks the frame and waits for its answer. */
    _ask(type, payload = {}) {
      if (this.#frame === null || !this.#isReady) {
        return Promise.resolve({ error: { type: "invalid_request_error", message: "The Element is not ready yet." } });
      }
      this.#asked += 1;
      const question = this.#asked;
      return new Promise((resolve) => {
        this.#questions.set(question, resolve);
        this.#post(type, payload, question);
      });
    }

    #post(type, payload = {}, question) {
      this.#frame?.contentWindow?.postMessage({ frame: this.#id, type, payload, question }, ORIGIN);
    }

    #emit(event, payload) {
      for (const handler of [...(this.#listeners.get(event) ?? [])]) handler(payload);
    }

    #fail(message) {
      this.#emit("loaderror", { elementType: this.#type, error: { type: "api_connection_error", message } });
    }

    #receive = (message) => {
      if (message.origin !== ORIGIN || message.source !== this.#frame?.contentWindow) return;
      const { frame, type, event, px, question, answer } = message.data ?? {};
      if (frame !== this.#id) return;
      switch (type) {
        case "hello":
          clearTimeout(this.#timer);
          this.#post("init", { ...this.#elements._forFrame(), options: this.#options });
          break;
        case "height":
          this.#frame.style.height = `${Number(px)}px`;
          break;
        case "answer":
          this.#questions.get(question)?.(answer ?? {});
          this.#questions.delete(question);
          break;
        case "ready":
          this.#isReady = true;
          this.#emit("ready", { elementType: this.#type });
          break;
        case "change":
        case "focus":
        case "blur":
        case "escape":
        case "loaderror":
        case "savedpaymentmethodremove":
          this.#emit(type, { ...event, elementType: this.#type });
          break;
      }
    };
  }

  /** stripe.elements(): what belongs to one payment. */
  class Elements {
    #stripe;
    #options;
    #created = [];

    constructor(stripe, options) {
      this.#stripe = stripe;
      this.#options = { ...options };
    }

    create(type, options = {}) {
      if (type !== "payment" && type !== "card") {
        throw integrationError(`The sandbox has the Elements "payment" and "card", not "${type}".`);
      }
      if (this.getElement(type)) throw integrationError(`Can only create one Element of type ${type}.`);
      const element = new Element(this, type, options);
      this.#created.push(element);
      return element;
    }

    /** By its type, or by the React component that stands for it. */
    getElement(which) {
      const type = typeof which === "string" ? which : which?.__elementType;
      return this.#created.find((element) => element._type === type) ?? null;
    }

    update(options) {
      this.#options = { ...this.#options, ...options };
      if (options.appearance) for (const element of this.#created) element._restyle(options.appearance);
    }

    /** The PaymentIntent may have changed on the server; the fields shown don't depend on it. */
    async fetchUpdates() {
      if (!this._clientSecret) return {};
      const { error } = await this.#stripe.retrievePaymentIntent(this._clientSecret); // a SetupIntent as well
      return error ? { error } : {};
    }

    async submit() {
      const element = this._main();
      if (element === null) throw integrationError("elements.submit() needs a mounted Payment Element.");
      const answer = await element._ask("validate");
      return answer.error ? { error: answer.error } : { selectedPaymentMethod: "card" };
    }

    get _clientSecret() {
      return this.#options.clientSecret ?? null;
    }

    _main() {
      return this.getElement("payment") ?? this.getElement("card");
    }

    _forFrame() {
      return {
        key: this.#stripe._apiKey,
        clientSecret: this._clientSecret,
        customerSessionClientSecret: this.#options.customerSessionClientSecret ?? null,
        isSetup: this.#options.mode === "setup",
        usage: this.#options.setupFutureUsage ?? null,
        appearance: this.#options.appearance ?? null,
      };
    }

    _forget(element) {
      this.#created = this.#created.filter((other) => other !== element);
    }
  }

  function createStripe(key) {
    if (typeof key !== "string" || !key.startsWith("pk_")) {
      throw integrationError("Stripe() needs a publishable key: pk_test_...");
    }
    if (!key.startsWith("pk_test_")) throw integrationError("The sandbox takes test keys only: pk_test_...");

    const stripe = {
      version: VERSION,
      _apiKey: key,
      _wrappers: [],
      _registerWrapper: (wrapper) => stripe._wrappers.push(wrapper),
      registerAppInfo: (info) => stripe._wrappers.push(info),

      elements: (options) => new Elements(stripe, options),

      retrievePaymentIntent: (clientSecret) => retrieve(clientSecret),
      retrieveSetupIntent: (clientSecret) => retrieve(clientSecret),

      confirmPayment: (options) => confirmElements(options, "confirmPayment"),
      confirmSetup: (options) => confirmElements(options, "confirmSetup"),

      confirmCardPayment: confirmCard,
      confirmCardSetup: confirmCard,

      async handleNextAction({ clientSecret }) {
        return finish(await retrieve(clientSecret), clientSecret, "if_required");
      },

      handleCardAction: (clientSecret) => stripe.handleNextAction({ clientSecret }),

      async createPaymentMethod({ elements, card, params, billing_details: billing, metadata }) {
        const element = elements?._main() ?? card ?? null;
        if (!(element instanceof Element)) throw integrationError("createPaymentMethod() needs `elements` or a Card Element.");
        const { error } = await element._ask("validate");
        if (error) return { error };
        return element._ask("createPaymentMethod", { params: params ?? { billing_details: billing, metadata } });
      },

      async createConfirmationToken({ elements, params = {} }) {
        const { error } = await elements.submit();
        if (error) return { error };
        return elements._main()._ask("createConfirmationToken", { params });
      },

      /** Tokens are Stripe's older way; react-stripe-js only looks whether the function is there. */
      createToken: () =>
        Promise.resolve({
          error: { type: "invalid_request_error", message: "The sandbox has no tokens. Use createPaymentMethod()." },
        }),
    };

    async function retrieve(clientSecret) {
      return (await lib("api")).retrieveIntent({ key, clientSecret });
    }

    async function confirmWith(clientSecret, parameters) {
      return (await lib("confirm")).confirmWith({ key, clientSecret, parameters });
    }

    async function finish(answer, clientSecret, redirect, returnUrl) {
      return (await lib("confirm")).finish({ key, answer, clientSecret, redirect, returnUrl });
    }

    /** Confirms what the client secret opens with the mounted Element, or with a method that has an id already. */
    async function confirmElements({ elements, clientSecret, confirmParams = {}, redirect = "always" }, name) {
      const secret = clientSecret ?? elements?._clientSecret;
      if (redirect === "always" && !confirmParams.return_url) {
        throw integrationError(`${name}() needs confirmParams.return_url, unless redirect is 'if_required'.`);
      }
      if (confirmParams.payment_method) {
        const answer = await confirmWith(secret, { ...confirmParams });
        return finish(answer, secret, redirect, confirmParams.return_url);
      }
      const element = elements?._main() ?? null;
      if (element === null) throw integrationError(`${name}() needs \`elements\` with a mounted Payment Element.`);
      const { error } = await elements.submit();
      if (error) return { error };
      const answer = await element._ask("confirm", { clientSecret: secret, params: confirmParams });
      return finish(answer, secret, redirect, confirmParams.return_url);
    }

    /** The older calls, for a Card Element or a method that has an id already. */
    async function confirmCard(clientSecret, data = {}, options = {}) {
      const { payment_method: method, return_url: returnUrl } = data;
      const element = method?.card instanceof Element ? method.card : null;
      let answer;
      if (element) {
        const { error } = await element._ask("validate");
        if (error) return { error };
        const params = { payment_method_data: { billing_details: method.billing_details ?? {} }, return_url: returnUrl };
        answer = await element._ask("confirm", { clientSecret, params });
      } else {
        answer = await confirmWith(clientSecret, { payment_method: method?.id ?? method, return_url: returnUrl });
      }
      return options.handleActions === false ? answer : finish(answer, clientSecret, "if_required", returnUrl);
    }

    return stripe;
  }

  function apiConnectionError() {
    return { type: "api_connection_error", message: "The card fields were removed before the payment had an answer." };
  }

  function integrationError(message) {
    return Object.assign(new Error(message), { name: "IntegrationError" });
  }

  window.Stripe = Object.assign((key) => createStripe(key), { version: VERSION });
})();
