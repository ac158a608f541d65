import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Dashboard } from "./Dashboard";
import "../styles/selling.css";

const root = document.getElementById("selling-root");
if (root === null) throw new Error("The page has no #selling-root.");
createRoot(root).render(
  <StrictMode>
    <Dashboard artisan={root.dataset["artisan"] ?? ""} />
  </StrictMode>,
);
