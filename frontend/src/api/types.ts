/** What /api/v1 answers. Amounts are whole numbers of the currency's minor unit (cents, yen, fils); never fractions. */

export interface Country {
  code: string;
  name: string;
}

export interface Address {
  name: string;
  line1: string;
  line2: string;
  city: string;
  region: string;
  postal_code: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  phone: string;
}

export interface SavedAddress extends Address {
  id: string;
}

export interface Config {
  stripe: { publishable_key: string; js_url: string };
  /** null where the shop does not take PayPal. `currencies`: those of the shop that PayPal takes. */
  paypal: { client_id: string; js_url: string; currencies: string[] } | null;
  currency: string;
  countries: Country[];
  environment: string;
  /** The person who is logged in; null for a guest. */
  buyer: { email: string; name: string } | null;
  addresses: SavedAddress[];
  /** What is agreed to by having a card or a PayPal account kept. */
  save_consent?: string;
}

/** A way to pay that the person who is logged in keeps. The processor's own id of it is never told. */
export interface SavedMethod {
  id: string;
  kind: "card" | "paypal";
  status: "active" | "expired";
  /** `Visa ending in 4242` */
  label: string;
  expiry_month: number | null;
  expiry_year: number | null;
  is_default: boolean;
}

export interface SavedMethods {
  consent_text: string;
  methods: SavedMethod[];
}

/** An attempt to keep a way to pay without paying. */
export interface MethodSetup {
  id: string;
  client_secret: string | null;
  approval_url: string | null;
  processor_setup_id: string | null;
}

/** With what the order is paid: a saved way to pay, or a new one that is kept or not. By card unless the channel says so. */
export interface PayChoice {
  channel?: "paypal";
  method: string;
  save_method: boolean;
  /** With `save_method`: the words that were shown beside the box. */
  consent_text?: string;
}

export interface ArtisanRef {
  id: string;
  name: string;
  slug: string;
}

export interface CartItem {
  product: {
    id: string;
    title: string;
    slug: string;
    url: string;
    /** Empty where there is no picture. */
    image_url: string;
    artisan: ArtisanRef;
  };
  quantity: number;
  unit_price_minor: number;
  line_total_minor: number;
  /** Free pieces; null where stock does not limit. */
  available: number | null;
  problem: LineProblem | null;
}

/** What is wrong with a line. All but a changed price keep the cart from the checkout. */
export type LineProblem = "unavailable" | "sold_out" | "not_enough" | "price_changed";

export interface CartGroup {
  artisan: ArtisanRef;
  items: CartItem[];
  goods_minor: number;
  shipping_minor: number;
}

export interface Cart {
  id: string;
  /** Changes with every change of lines, quantities and prices. */
  hash: string;
  currency: string;
  items: CartItem[];
  groups: CartGroup[];
  goods_minor: number;
  shipping_minor: number;
  total_minor: number;
  can_check_out: boolean;
}

export interface QuoteLine {
  title: string;
  image_url: string;
  quantity: number;
  unit_price_minor: number;
  line_total_minor: number;
}

export interface QuoteGroup {
  artisan: ArtisanRef;
  lines: QuoteLine[];
  goods_minor: number;
  shipping_minor: number;
}

export interface Quote {
  hash: string;
  /** ISO 8601. Until then the goods are reserved and the prices hold. */
  expires_at: string;
  currency: string;
  groups: QuoteGroup[];
  goods_minor: number;
  shipping_minor: number;
  total_minor: number;
}

export type CheckoutStatus = "awaiting_payment" | "processing" | Placed | "expired" | "canceled" | PaidTooLate;

/** The buyer has done their part. Authorized: reserved until the artisans accept; capturing: they have. */
export type Placed = "authorized" | "capturing" | "paid";

/** Money came for an order that could not be completed any more; it goes back. */
export type PaidTooLate = "refunding" | "refunded" | "refund_failed";

export type PaymentStatus =
  | "created"
  | "requires_payment_method"
  | "requires_action"
  | "approved" // by the buyer at PayPal; the shop takes it
  | "authorized" // reserved
  | "processing"
  | "succeeded"
  | "failed"
  | "canceled"
  | "unknown";

export type PaymentChannel = "elements" | "hosted" | "paypal" | "off_session";

export interface CheckoutPayment {
  id: string;
  channel: PaymentChannel;
  status: PaymentStatus;
  /** This and the next two only in answers to confirm and settle. */
  client_secret: string | null;
  /** For PayPal's buttons. */
  paypal_order_id: string | null;
  /** PayPal's own page, for browsers that refuse its window. */
  approval_url: string | null;
  last_error: { code: string; message: string } | null;
}

export interface Checkout {
  id: string;
  status: CheckoutStatus;
  /** Reserved at first, and charged when the artisans accept. */
  is_authorized_first: boolean;
  email: string;
  shipping_address: Address;
  quote: Quote;
  payment: CheckoutPayment | null;
  order_url: string;
  /** Where the request stands that this pays, if it pays a refund back that was made by mistake; null for goods. */
  repayment_url: string | null;
}

/** Stripe's own page for an order; no address once it is closed. */
export interface HostedCheckout {
  payment: string;
  status: "open" | "complete" | "expired";
  url: string | null;
}

export interface NewCheckout {
  email: string;
  cart_hash: string;
  shipping_address: Address;
  save_address?: boolean;
}
