import { useLayoutEffect, useRef } from "react";
import type { FieldProblem } from "../api/problems";
import { fieldId } from "./Field";

/** Lists what is wrong, each with a link to its field, and takes the focus once. */
export function ErrorSummary({ problems }: { problems: readonly FieldProblem[] }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.focus();
  }, []);
  return (
    <div ref={box} className="notice error" role="alert" tabIndex={-1}>
      <p className="notice-title">Please check these fields</p>
      <ul>
        {problems.map(({ field, message }) => (
          <li key={field}>
            <a
              href={`#${fieldId(field)}`}
              onClick={(event) => {
                event.preventDefault();
                document.getElementById(fieldId(field))?.focus();
              }}
            >
              {message}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
