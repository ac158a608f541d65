import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Reservation } from "./Reservation";

const START = Date.parse("2026-11-21T10:00:00Z");
const end = (minutes: number) => new Date(START + minutes * 60_000).toISOString();

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(minutes: number): void {
  act(() => {
    vi.advanceTimersByTime(minutes * 60_000);
  });
}

it("says aloud that the time runs out at five minutes and at one, and else keeps still", () => {
  render(<Reservation expiresAt={end(30)} onEnd={vi.fn()} />);
  const spoken = screen.getByRole("status");
  expect(spoken).toBeEmptyDOMElement();
  pass(20);
  expect(spoken).toBeEmptyDOMElement();
  expect(screen.getByText(/10 min left/)).toBeInTheDocument();
  pass(5.5);
  expect(spoken).toHaveTextContent("Your goods are reserved for 5 minutes more.");
  pass(2);
  expect(spoken).toBeEmptyDOMElement();
  pass(2);
  expect(spoken).toHaveTextContent("1 minute more");
});

it("calls when the time is over, not before", () => {
  const onEnd = vi.fn();
  render(<Reservation expiresAt={end(2)} onEnd={onEnd} />);
  pass(1.9);
  expect(onEnd).not.toHaveBeenCalled();
  pass(0.2);
  expect(onEnd).toHaveBeenCalled();
});
