import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { AddMethod } from "./AddMethod";
import "../styles/checkout.css";

const root = document.getElementById("add-method-root");
if (root === null) throw new Error("The page has no #add-method-root.");
createRoot(root).render(
  <StrictMode>
    <AddMethod consent={root.dataset["consent"] ?? ""} takesPayPal={root.dataset["paypal"] === "yes"} />
  </StrictMode>,
);
