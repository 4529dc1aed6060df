// When the server answers with another page than was asked for (the session has ended, the ticket is gone) that page is
// shown whole; when it fails or cannot be reached, a sentence says so. What was typed is still there in both cases.

import { say } from "./toast.js";
import { word } from "./words.js";

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const wanted = requestConfig.elt.getAttribute("hx-select");
  const fragment = requestConfig.elt.getAttribute("hx-target");
  // An answer that names its own place fits there.
  if (!event.detail.shouldSwap || xhr.getResponseHeader("HX-Retarget")) return;
  const whole = xhr.responseText.trimStart().slice(0, 15).toLowerCase() === "<!doctype html>";
  const fits = wanted ? xhr.responseText.includes(`id="${wanted.slice(1)}"`) : !(whole && fragment);
  if (fits) return;
  event.detail.shouldSwap = false;
  location.assign(xhr.status < 400 ? xhr.responseURL : location.href);
});

function failed({ detail }) {
  if ("live" in detail.requestConfig.elt.dataset) return;
  say(word("The desk could not do this just now. What you typed is still here: try again."));
}

document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);
