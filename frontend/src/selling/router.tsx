import { useSyncExternalStore, type MouseEvent, type ReactNode } from "react";

/** The dashboard's own addresses, all below /selling/money/. Each is a page of the server too, so a reload works. */

const ROOT = "/selling/money/";
const PAYOUT = /^\/selling\/money\/payouts\/([^/]+)\/$/;

export type Route = { name: "overview" } | { name: "payout"; id: string };

export function routeOf(path: string): Route {
  const id = PAYOUT.exec(path)?.[1];
  return id === undefined ? { name: "overview" } : { name: "payout", id: decodeURIComponent(id) };
}

export const overviewUrl = ROOT;
export const payoutUrl = (id: string): string => `${ROOT}payouts/${encodeURIComponent(id)}/`;

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("popstate", tell);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("popstate", tell);
  };
}

/** Path and query, as they stand in the address line. */
export function useAddress(): URL {
  const href = useSyncExternalStore(subscribe, () => window.location.href);
  return new URL(href);
}

export function goTo(href: string): void {
  window.history.pushState(null, "", href);
  tell();
}

interface LinkProps {
  href: string;
  children: ReactNode;
  className?: string;
  onFollow?: () => void;
}

/** A real link that is followed without a reload. With a modifier key, or another button, the browser does as ever. */
export function Link({ href, children, className, onFollow }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(href);
    onFollow?.();
  };
  return (
    <a href={href} onClick={follow} className={className}>
      {children}
    </a>
  );
}
