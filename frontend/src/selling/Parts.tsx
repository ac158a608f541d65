import type { ReactNode } from "react";
import { formatMoney } from "../money";
import { inWords } from "./problems";
import { Link } from "./router";
import type { Loaded } from "./useLoad";
import type { Tone } from "./words";

/** Pieces that the sections share. */

export function Amount({ minor, currency, signed = false }: { minor: number; currency: string; signed?: boolean }) {
  const text = formatMoney(minor, currency);
  // The sign that is read out as "minus"; a hyphen often is not.
  return <span className="numbers">{minor < 0 ? `−${formatMoney(-minor, currency)}` : signed && minor > 0 ? `+${text}` : text}</span>;
}

export function Tag({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={tone === "plain" ? "tag" : `tag ${tone}`}>{children}</span>;
}

interface SectionProps<T> {
  title: string;
  id: string;
  loaded: Loaded<T>;
  again: () => void;
  children: (data: T) => ReactNode;
  /** What stands beside the heading. */
  beside?: ReactNode;
}

/** A part of the page that loads by itself: one that fails does not take the others with it. */
export function Section<T>({ title, id, loaded, again, children, beside }: SectionProps<T>) {
  const shown = loaded.state === "ready" ? loaded.data : loaded.state === "loading" ? loaded.before : null;
  return (
    <section className="card selling-section" aria-labelledby={id} aria-busy={loaded.state === "loading"}>
      <header className="selling-section-head">
        <h2 id={id} tabIndex={-1}>
          {title}
        </h2>
        {beside}
      </header>
      <p role="status" className={loaded.state === "loading" && shown === null ? "muted" : "visually-hidden"}>
        {loaded.state === "loading" ? `Loading: ${title} …` : ""}
      </p>
      {loaded.state === "failed" && <Failed title={title} error={loaded.error} again={again} />}
      {shown !== null && children(shown)}
    </section>
  );
}

export function Failed({ title, error, again }: { title: string; error: unknown; again: () => void }) {
  return (
    <div className="notice error" role="alert">
      <p>
        <strong>{title} could not be loaded.</strong> {inWords(error)}
      </p>
      <button type="button" className="button quiet" onClick={again}>
        Try again<span className="visually-hidden">: {title}</span>
      </button>
    </div>
  );
}

interface PagerProps {
  what: string;
  /** Id of the heading that takes the focus: the link that was followed may be gone. */
  heading: string;
  page: number;
  pages: number;
  href: (page: number) => string;
}

/** Newer and older; both are links with an address of their own. */
export function Pager({ what, heading, page, pages, href }: PagerProps) {
  if (pages <= 1) return null;
  const onFollow = () => {
    document.getElementById(heading)?.focus();
  };
  return (
    <nav className="pages" aria-label={`Pages of ${what}`}>
      {page > 1 && (
        <Link href={href(page - 1)} className="button quiet" onFollow={onFollow}>
          Newer <span className="visually-hidden">{what}</span>
        </Link>
      )}
      <span className="muted small">
        Page {page} of {pages}
      </span>
      {page < pages && (
        <Link href={href(page + 1)} className="button quiet" onFollow={onFollow}>
          Older <span className="visually-hidden">{what}</span>
        </Link>
      )}
    </nav>
  );
}
