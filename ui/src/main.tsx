// Starts the page.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app";
import { applyTheme, chosenTheme } from "./state/theme";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/tables.css";
import "./styles/views.css";

applyTheme(chosenTheme());
const root = document.getElementById("page");
if (root) createRoot(root).render(<StrictMode><App /></StrictMode>);
