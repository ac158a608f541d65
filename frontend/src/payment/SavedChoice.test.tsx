import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { account, CONSENT, visa } from "../test/data";
import { KeepMethod, SavedChoice, usualOf } from "./SavedChoice";

const user = userEvent.setup({ delay: null });

function show(methods = [visa], chosen = visa.id, disabled = false) {
  const onChoose = vi.fn();
  render(<SavedChoice methods={methods} other="Another card" chosen={chosen} disabled={disabled} onChoose={onChoose} />);
  return onChoose;
}

it("is not there for a buyer who keeps nothing", () => {
  show([]);
  expect(screen.queryByRole("radiogroup")).not.toBeInTheDocument();
});

it("names each card with its date, the chosen one marked, and another one beside them", () => {
  show();
  expect(screen.getByRole("radiogroup", { name: "Pay with" })).toBeInTheDocument();
  expect(screen.getByRole("radio", { name: /Visa ending in 4242.*Valid until 04\/2034/ })).toBeChecked();
  expect(screen.getByRole("radio", { name: "Another card" })).not.toBeChecked();
});

it("says nothing of a date where there is none", () => {
  show([account], account.id);
  expect(screen.queryByText(/Valid until/)).not.toBeInTheDocument();
});

it("is worked by keyboard, and tells which was chosen; another one is the empty id", async () => {
  const onChoose = show();
  await user.tab();
  expect(screen.getByRole("radio", { name: /Visa/ })).toHaveFocus();
  await user.keyboard("{ArrowDown}");
  expect(onChoose).toHaveBeenCalledWith("");
});

it("can't be changed while money is being taken", () => {
  show([visa], visa.id, true);
  for (const radio of screen.getAllByRole("radio")) expect(radio).toBeDisabled();
});

it.each([
  [[], ""],
  [[account], account.id],
  [[account, visa], visa.id],
])("offers the usual one first: %#", (methods, id) => {
  expect(usualOf(methods)).toBe(id);
});

it.each([true, false])("shows the words that are agreed to, unticked, with the box (guest: %s)", async (isGuest) => {
  const onChange = vi.fn();
  render(<KeepMethod label="Save this card" consent={CONSENT} isGuest={isGuest} checked={false} disabled={false} onChange={onChange} />);
  const box = screen.getByRole("checkbox", { name: "Save this card" });
  expect(box).not.toBeChecked();
  expect(box).toHaveAccessibleDescription(
    isGuest ? `${CONSENT} It is saved once you have created an account, which you can do after paying.` : CONSENT,
  );
  await user.click(box);
  expect(onChange).toHaveBeenCalledWith(true);
});

it("keeps the notes of two boxes on one page apart", () => {
  render(
    <>
      <KeepMethod label="Card" consent="One." isGuest={false} checked={false} disabled={false} onChange={vi.fn()} />
      <KeepMethod label="PayPal" consent="Two." isGuest={false} checked={false} disabled={false} onChange={vi.fn()} />
    </>,
  );
  expect(screen.getByRole("checkbox", { name: "PayPal" })).toHaveAccessibleDescription("Two.");
});
