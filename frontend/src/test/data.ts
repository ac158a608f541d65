import type { Cart, Checkout, CheckoutPayment, Config, PaymentStatus, SavedMethod } from "../api/types";

/** The examples that the tests share: a cart of two artisans for 84.90 EUR. */

export const ORDER_ID = "ord_9vLxT2mQeRb4KcWnZp7sYd";

const bowl = { title: "Breakfast bowl", image_url: "/media/bowl.jpg", quantity: 2, unit_price_minor: 2800, line_total_minor: 5600 };
const scarf = { title: "Wool scarf", image_url: "", quantity: 1, unit_price_minor: 1500, line_total_minor: 1500 };
const anna = { id: "art_anna", name: "Anna, potter", slug: "anna" };
const bo = { id: "art_bo", name: "Bo, weaver", slug: "bo" };

export const config: Config = {
  stripe: { publishable_key: "pk_test_sandbox", js_url: "" },
  paypal: null,
  currency: "EUR",
  countries: [
    { code: "PT", name: "Portugal" },
    { code: "SE", name: "Sweden" },
  ],
  environment: "test",
  buyer: null,
  addresses: [],
};

export const withPayPal: Config = {
  ...config,
  paypal: { client_id: "sandbox-client", js_url: "http://paypal.test/sdk.js", currencies: ["EUR", "JPY"] },
};

/** PayPal's order, opened and not approved yet. */
export const opened = (more: Partial<CheckoutPayment> = {}): CheckoutPayment =>
  payment("requires_action", {
    id: "pay_2", channel: "paypal", client_secret: null, paypal_order_id: "5O190127TN364715T",
    approval_url: "http://paypal.test/checkoutnow?token=5O190127TN364715T", ...more,
  });

export const registered: Config = {
  ...config,
  buyer: { email: "ana@example.com", name: "Ana Costa" },
  addresses: [
    {
      id: "adr_1", name: "Ana Costa", line1: "Rua das Flores 12", line2: "", city: "Porto", region: "",
      postal_code: "4050-262", country: "PT", phone: "",
    },
    {
      id: "adr_2", name: "Ana at work", line1: "Storgatan 1", line2: "3 tr", city: "Visby", region: "",
      postal_code: "621 55", country: "SE", phone: "",
    },
  ],
};

function item(line: typeof bowl, artisan: typeof anna, id: string) {
  const { title, image_url, quantity, unit_price_minor, line_total_minor } = line;
  return {
    product: { id, title, slug: id, url: `/products/${id}/`, image_url, artisan },
    quantity, unit_price_minor, line_total_minor, available: 5, problem: null,
  };
}

export const cart: Cart = {
  id: "crt_1",
  hash: "a".repeat(64),
  currency: "EUR",
  items: [item(bowl, anna, "prd_bowl"), item(scarf, bo, "prd_scarf")],
  groups: [
    { artisan: anna, items: [item(bowl, anna, "prd_bowl")], goods_minor: 5600, shipping_minor: 690 },
    { artisan: bo, items: [item(scarf, bo, "prd_scarf")], goods_minor: 1500, shipping_minor: 700 },
  ],
  goods_minor: 7100,
  shipping_minor: 1390,
  total_minor: 8490,
  can_check_out: true,
};

export const emptyCart: Cart = {
  ...cart, id: "", items: [], groups: [], goods_minor: 0, shipping_minor: 0, total_minor: 0, can_check_out: false,
};

export function payment(status: PaymentStatus, more: Partial<CheckoutPayment> = {}): CheckoutPayment {
  return {
    id: "pay_1", channel: "elements", status, client_secret: "pi_1_secret_2", paypal_order_id: null, approval_url: null,
    last_error: null, ...more,
  };
}

export function checkout(more: Partial<Checkout> = {}): Checkout {
  return {
    id: ORDER_ID,
    status: "awaiting_payment",
    is_authorized_first: false,
    repayment_url: null,
    email: "guest@example.com",
    shipping_address: {
      name: "Ana Costa", line1: "Rua das Flores 12", line2: "", city: "Porto", region: "", postal_code: "4050-262",
      country: "PT", phone: "",
    },
    quote: {
      hash: "b".repeat(64),
      expires_at: new Date(Date.now() + 30 * 60_000).toISOString(),
      currency: "EUR",
      groups: [
        { artisan: anna, lines: [bowl], goods_minor: 5600, shipping_minor: 690 },
        { artisan: bo, lines: [scarf], goods_minor: 1500, shipping_minor: 700 },
      ],
      goods_minor: 7100,
      shipping_minor: 1390,
      total_minor: 8490,
    },
    payment: null,
    order_url: `/orders/${ORDER_ID}/`,
    ...more,
  };
}

export const CONSENT = "Keep this for my next orders. I can remove it at any time.";

export const visa: SavedMethod = {
  id: "pmt_visa", kind: "card", status: "active", label: "Visa ending in 4242", expiry_month: 4, expiry_year: 2034,
  is_default: true,
};

export const account: SavedMethod = {
  id: "pmt_paypal", kind: "paypal", status: "active", label: "PayPal account a***r@example.org", expiry_month: null,
  expiry_year: null, is_default: false,
};
