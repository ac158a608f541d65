import { useEffect, useReducer, type Dispatch } from "react";
import { pause } from "../api/client";
import { reduce } from "../machine/reducer";
import { initialState, type CheckoutEvent, type CheckoutState } from "../machine/states";
import { lookUp, leave, load, prepare, sendDetails } from "./actions";
import { browserLocation } from "./location";

/** Waits before the outcome of a payment is asked for again; the last one is repeated. Tests shorten them. */
export const lookUpPolicy = { delaysMs: [0, 1000, 2000, 3000, 5000, 10_000] };

/** The state of the checkout page. Entering a phase that waits for the shop starts its one request. */
export function useCheckout(): [CheckoutState, Dispatch<CheckoutEvent>] {
  const [state, dispatch] = useReducer(reduce, initialState, (start) => ({
    ...start,
    orderId: browserLocation.orderId(),
  }));
  useRequests(state, dispatch);
  useAddressBar(state, dispatch);
  return [state, dispatch];
}

function useRequests(state: CheckoutState, dispatch: Dispatch<CheckoutEvent>): void {
  const { phase, lookups } = state;
  useEffect(() => {
    const asked = requestOf(state);
    if (asked === null) return undefined;
    let isCurrent = true;
    void asked.then((event) => {
      // After a change of phase the answer belongs to the past; the table would refuse it anyway.
      if (isCurrent) dispatch(event);
    });
    return () => {
      isCurrent = false;
    };
    // One request per phase and look-up; what else changes in the state must not start another.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [phase, lookups, dispatch]);
}

function requestOf(state: CheckoutState): Promise<CheckoutEvent> | null {
  switch (state.phase) {
    case "loading":
      return load(state.orderId);
    case "quoting":
      return state.details && sendDetails(state.details);
    case "preparing":
      return state.checkout && prepare(state.checkout);
    case "checking":
      return state.orderId === null ? null : delayedLookUp(state.orderId, state.lookups);
    case "leaving":
      return state.orderId === null ? null : leave(state.orderId);
    default:
      return null;
  }
}

async function delayedLookUp(orderId: string, lookups: number): Promise<CheckoutEvent> {
  const { delaysMs } = lookUpPolicy;
  await pause(delaysMs[Math.min(lookups, delaysMs.length - 1)] ?? 0);
  return lookUp(orderId);
}

/** The address names the order of step 2, so that a refresh finds it, and the back button leads to step 1. */
function useAddressBar(state: CheckoutState, dispatch: Dispatch<CheckoutEvent>): void {
  const { phase, orderId } = state;
  useEffect(() => {
    if (phase !== "loading" && phase !== "quoting") browserLocation.show(orderId);
  }, [phase, orderId]);

  useEffect(() => {
    const moved = () => {
      if (phase === "paying" || phase === "checking" || phase === "leaving") {
        // While money may be moving there is no way back to the form.
        browserLocation.show(orderId);
        return;
      }
      dispatch({ type: "RELOAD", orderId: browserLocation.orderId() });
    };
    const shownAgain = (event: PageTransitionEvent) => {
      // Kept by the browser while another page was open: what it shows may be old.
      if (!event.persisted) return;
      // Back from a payment service's page by the back button: what was done there is for the shop to find out.
      if (phase === "paying") dispatch({ type: "OUTCOME_UNKNOWN" });
      else dispatch({ type: "RELOAD", orderId: browserLocation.orderId() });
    };
    window.addEventListener("popstate", moved);
    window.addEventListener("pageshow", shownAgain);
    return () => {
      window.removeEventListener("popstate", moved);
      window.removeEventListener("pageshow", shownAgain);
    };
  }, [phase, orderId, dispatch]);
}
