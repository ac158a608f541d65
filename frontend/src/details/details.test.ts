import { describe, expect, it } from "vitest";
import { config, registered } from "../test/data";
import { emptyDraft, firstDraft, forgetDraft, keepDraft, toRequest, type Draft } from "./draft";
import { validate } from "./validate";

const complete: Draft = {
  ...emptyDraft,
  email: "ana@example.com",
  name: "Ana Costa",
  line1: "Rua das Flores 12",
  postal_code: "4050-262",
  city: "Porto",
  country: "PT",
};
const wrongFields = (changes: Partial<Draft>) => validate({ ...complete, ...changes }).map(({ field }) => field);

describe("validation", () => {
  it("has nothing to say about a complete address", () => {
    expect(validate(complete)).toEqual([]);
  });

  it("names what is missing in the order of the form", () => {
    const fields = validate(emptyDraft).map(({ field }) => field);
    expect(fields).toEqual(["email", "name", "line1", "postal_code", "city", "country"]);
  });

  it.each(["ana", "ana@", "@example.com", "ana@example", "ana costa@example.com"])("refuses the e-mail %s", (email) => {
    expect(wrongFields({ email })).toEqual(["email"]);
  });

  it.each(["+351 912 345 678", "0351-912 (345)", ""])("takes the telephone number '%s'", (phone) => {
    expect(wrongFields({ phone })).toEqual([]);
  });

  it("keeps the shop's limits", () => {
    expect(wrongFields({ name: "x".repeat(121), postal_code: "1".repeat(21) })).toEqual(["name", "postal_code"]);
    expect(wrongFields({ city: "   " })).toEqual(["city"]);
  });
});

describe("the draft", () => {
  it("starts with what the shop knows of a registered buyer", () => {
    expect(firstDraft(registered)).toMatchObject({ email: "ana@example.com", city: "Porto" });
    expect(firstDraft(config)).toEqual(emptyDraft);
  });

  it("keeps what was typed, but never another person's e-mail", () => {
    keepDraft({ ...complete, email: "guest@example.com" });
    expect(firstDraft(config)).toMatchObject({ email: "guest@example.com", name: "Ana Costa" });
    expect(firstDraft(registered).email).toBe("ana@example.com");
    forgetDraft();
    expect(firstDraft(config)).toEqual(emptyDraft);
  });

  it("survives nonsense in the storage", () => {
    sessionStorage.setItem("artisans-hub.checkout-details", '{"email": 3');
    expect(firstDraft(config)).toEqual(emptyDraft);
    sessionStorage.setItem("artisans-hub.checkout-details", '{"email": 3, "name": "Ana"}');
    expect(firstDraft(config)).toEqual({ ...emptyDraft, name: "Ana" });
  });

  it("is sent without blanks around", () => {
    expect(toRequest({ ...complete, city: " Porto " }, "hash").shipping_address.city).toBe("Porto");
  });
});
