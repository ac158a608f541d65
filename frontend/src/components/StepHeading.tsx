import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";

/** The heading of a step or a screen; the page is titled after it. It takes the focus when the step begins, unless a notice does. */
export function StepHeading({ children, quiet = false }: { children: ReactNode; quiet?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (!quiet) heading.current?.focus();
    // Only when the step begins.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useEffect(() => {
    document.title = `${heading.current?.textContent ?? ""} · Artisan's Hub`;
  }, [children]);
  return (
    <h1 ref={heading} tabIndex={-1} className="step-heading">
      {children}
    </h1>
  );
}
