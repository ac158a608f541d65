import { vi } from "vitest";

/** A window.Stripe that @stripe/stripe-js and @stripe/react-stripe-js accept, whose answers the test gives. */

type Handler = (event?: unknown) => void;

export const confirmPayment = vi.fn<(options: unknown) => Promise<unknown>>();
export const confirmSetup = vi.fn<(options: unknown) => Promise<unknown>>();
export const confirmCardPayment = vi.fn<(secret: string) => Promise<unknown>>();
/** What the card fields were told when they were made. */
export const created: { elements: unknown; payment: unknown }[] = [];
export const behaviour = { becomesReady: true };

function element() {
  const handlers = new Map<string, Set<Handler>>();
  const emit = (name: string) => handlers.get(name)?.forEach((handler) => { handler({ elementType: "payment" }); });
  return {
    mount(place: HTMLElement) {
      place.textContent = "card fields";
      setTimeout(() => { emit(behaviour.becomesReady ? "ready" : "loaderror"); });
    },
    on: (name: string, handler: Handler) => handlers.set(name, (handlers.get(name) ?? new Set()).add(handler)),
    off: (name: string, handler: Handler) => handlers.get(name)?.delete(handler),
    update: vi.fn(),
    destroy: vi.fn(),
  };
}

export function installStripe(): void {
  confirmPayment.mockReset();
  confirmSetup.mockReset();
  confirmCardPayment.mockReset();
  created.length = 0;
  behaviour.becomesReady = true;
  const stripe = Object.assign(
    () => ({
      elements: (options: unknown) => ({
        create: (_type: string, payment: unknown) => {
          created.push({ elements: options, payment });
          return element();
        },
        getElement: () => null,
        update: vi.fn(),
      }),
      createToken: vi.fn(),
      createPaymentMethod: vi.fn(),
      confirmCardPayment,
      confirmPayment,
      confirmSetup,
    }),
    { version: "endive" },
  );
  Object.assign(window, { Stripe: stripe });
}

export const succeeded = { paymentIntent: { id: "pi_1", status: "succeeded" } };

export const declinedWith = (decline_code: string) => ({
  error: { type: "card_error", code: "card_declined", decline_code, message: "Your card was declined." },
});
