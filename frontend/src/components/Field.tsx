import type { ReactNode } from "react";

interface Common {
  name: string;
  label: string;
  value: string;
  error?: string | undefined;
  hint?: string;
  optional?: boolean;
  autoComplete: string;
  onChange: (value: string) => void;
}

interface TextFieldProps extends Common {
  type?: "text" | "email" | "tel";
  inputMode?: "text" | "email" | "tel";
  maxLength?: number;
  readOnly?: boolean;
}

export const fieldId = (name: string): string => `checkout-${name}`;

/** A labelled input whose message and hint are tied to it. */
export function TextField({ type = "text", inputMode, maxLength, readOnly, ...common }: TextFieldProps) {
  return (
    <Shell {...common}>
      <input
        {...controlOf(common)}
        type={type}
        inputMode={inputMode}
        maxLength={maxLength}
        readOnly={readOnly}
        onChange={(event) => {
          common.onChange(event.target.value);
        }}
      />
    </Shell>
  );
}

interface SelectFieldProps extends Common {
  options: readonly { value: string; text: string }[];
  prompt: string;
}

export function SelectField({ options, prompt, ...common }: SelectFieldProps) {
  return (
    <Shell {...common}>
      <select
        {...controlOf(common)}
        onChange={(event) => {
          common.onChange(event.target.value);
        }}
      >
        <option value="">{prompt}</option>
        {options.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Shell>
  );
}

function Shell({ name, label, error, hint, optional, children }: Common & { children: ReactNode }) {
  const id = fieldId(name);
  return (
    <div className={error ? "field wrong" : "field"}>
      <label htmlFor={id}>
        {label}
        {optional && <span className="optional"> (optional)</span>}
      </label>
      {children}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="errors" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

function controlOf({ name, value, error, hint, optional, autoComplete }: Common) {
  const id = fieldId(name);
  const described = [error ? `${id}-error` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ");
  return {
    id,
    name,
    value,
    autoComplete,
    required: !optional,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": described || undefined,
  };
}
