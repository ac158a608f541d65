/** The page's address and where the buyer is sent. One object, so that tests can watch it. */

const ORDER_ID = /^ord_[A-Za-z0-9]{8,64}$/;

export const browserLocation = {
  orderId(): string | null {
    const named = new URLSearchParams(window.location.search).get("order");
    return named !== null && ORDER_ID.test(named) ? named : null;
  },

  /** Step 2 is a step forward in the history; leaving it replaces the entry. */
  show(orderId: string | null): void {
    if (orderId === browserLocation.orderId()) return;
    const address = orderId === null ? window.location.pathname : `${window.location.pathname}?order=${orderId}`;
    if (orderId === null) window.history.replaceState(null, "", address);
    else window.history.pushState(null, "", address);
  },

  /** Goes to another page of the shop and leaves no step of the checkout to come back to. */
  leaveFor(path: string): void {
    window.location.replace(path);
  },

  /** Goes to a payment service's own page; the back button leads here again. */
  goTo(address: string): void {
    window.location.assign(address);
  },

  /** Where the processor sends the buyer back to after a check on another site. */
  returnUrl(orderId: string): string {
    return new URL(`/checkout/return/?order=${encodeURIComponent(orderId)}`, window.location.origin).href;
  },
};
