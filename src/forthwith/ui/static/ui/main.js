// Everything a page needs beside htmx: each module looks for its own marks in the page and does nothing without them.
import "./answers.js";
import "./bell.js";
import "./clock.js";
import "./drafts.js";
import "./files.js";
import "./focus.js";
import "./held.js";
import "./keys.js";
import "./live.js";
import "./mentions.js";
import "./menus.js";
import "./more.js";
import "./peek.js";
import "./presence.js";
import "./search.js";
import "./selection.js";
import "./toast.js";
