import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { StepHeading } from "./StepHeading";

it("takes the focus when its step begins, and titles the page after the step", () => {
  const { rerender } = render(<StepHeading>Payment</StepHeading>);
  expect(screen.getByRole("heading", { name: "Payment" })).toHaveFocus();
  expect(document.title).toBe("Payment · Artisan's Hub");
  rerender(<StepHeading>Your reservation has ended</StepHeading>);
  expect(document.title).toBe("Your reservation has ended · Artisan's Hub");
});
