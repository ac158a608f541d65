import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Checkout } from "./checkout/Checkout";
import "./styles/checkout.css";

const root = document.getElementById("checkout-root");
if (root === null) throw new Error("The page has no #checkout-root.");
createRoot(root).render(
  <StrictMode>
    <Checkout />
  </StrictMode>,
);
