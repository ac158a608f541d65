/**
 * The order whose payment was started in this browser and whose end was not seen. It outlives the tab, so that a buyer
 * who closed it and comes back is told about that payment before another is offered. Holds an order id and nothing else.
 */
const NAME = "artisans-hub.pending-payment";

export const pendingPayment = {
  remember(orderId: string): void {
    tryStorage((storage) => {
      storage.setItem(NAME, orderId);
    });
  },
  read(): string | null {
    return tryStorage((storage) => storage.getItem(NAME)) ?? null;
  },
  forget(): void {
    tryStorage((storage) => {
      storage.removeItem(NAME);
    });
  },
};

/** Browsers may refuse storage altogether; then the page's address still names the order. */
function tryStorage<T>(act: (storage: Storage) => T): T | undefined {
  try {
    return act(window.localStorage);
  } catch {
    return undefined;
  }
}
