import { useEffect, useState } from "react";
import { getSavedMethods } from "../api/shop";
import type { SavedMethod } from "../api/types";

/** How long the ways to pay are held back for the list. Without it the usual one would jump into its place later. */
const LONGEST_WAIT_MS = 2000;
const NONE: readonly SavedMethod[] = [];

/** The buyer's saved ways to pay that can be used now; none for guests, and null while they are waited for. */
export function useSavedMethods(isRegistered: boolean): readonly SavedMethod[] | null {
  const [methods, setMethods] = useState<readonly SavedMethod[] | null>(isRegistered ? null : NONE);
  useEffect(() => {
    if (!isRegistered) return;
    let isCurrent = true;
    const goOn = () => {
      // Without the list the card fields and PayPal's button are still there.
      if (isCurrent) setMethods((known) => known ?? NONE);
    };
    const timer = setTimeout(goOn, LONGEST_WAIT_MS);
    getSavedMethods().then(
      (answer) => {
        if (isCurrent) setMethods(answer.methods.filter(({ status }) => status === "active"));
      },
      goOn,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [isRegistered]);
  return methods;
}
