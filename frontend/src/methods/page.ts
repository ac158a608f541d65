import { browserLocation } from "../checkout/location";

/** The list of saved ways to pay, as the server shows it: with `?setup=` it says what came of that attempt. */
export const methodsPage = {
  addressAfter(setupId: string): string {
    return `${window.location.pathname}?setup=${encodeURIComponent(setupId)}`;
  },

  showAfter(setupId: string): void {
    browserLocation.leaveFor(methodsPage.addressAfter(setupId));
  },
};
