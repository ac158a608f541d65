import { useEffect, useState } from "react";
import { getSavedMethods } from "../api/shop";
import type { SavedMethod } from "../api/types";

/** The buyer's saved ways to pay that can be used now; none while they are not known, and none for guests. */
export function useSavedMethods(isRegistered: boolean): readonly SavedMethod[] {
  const [methods, setMethods] = useState<readonly SavedMethod[]>([]);
  useEffect(() => {
    if (!isRegistered) return;
    let isCurrent = true;
    getSavedMethods().then(
      (answer) => {
        if (isCurrent) setMethods(answer.methods.filter(({ status }) => status === "active"));
      },
      () => {
        // Without the list the card fields and PayPal's button are still there.
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [isRegistered]);
  return methods;
}
