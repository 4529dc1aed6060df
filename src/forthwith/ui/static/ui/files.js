// Files for a reply: chosen, dropped or pasted, they go to the server at once and wait there with the draft.
// `data-uploads` on a file field is where they go, `data-most` how many bytes all of them may have together.

import { exchange } from "./part.js";
import { say } from "./toast.js";
import { word } from "./words.js";

const LIST = "unsent-files";
// Sends the reply, where somebody has pressed for that while its files were on their way.
let send = null;

function size() {
  const kept = [...document.querySelectorAll(`#${LIST} [data-size]`)];
  return kept.reduce((sum, { dataset }) => sum + Number(dataset.size), 0);
}

function upload(field, files) {
  const chosen = [...files].filter((file) => file.size);
  if (!chosen.length) return;
  const more = chosen.reduce((sum, file) => sum + file.size, 0);
  const most = Number(field.dataset.most);
  if (size() + more > most) {
    say(word("These files have {} MB together; a reply takes {} MB. Send several replies, or a link.", ((size() + more) / 1e6).toFixed(1), most / 1e6));
    field.value = "";
    return;
  }
  const bar = document.querySelector(`#${LIST} progress`);
  const body = new FormData();
  body.set("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
  for (const file of chosen) body.append("attached", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", field.dataset.uploads);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = Math.round((100 * loaded) / Math.max(1, total));
  });
  request.addEventListener("loadend", () => {
    delete field.form.dataset.uploading;
    bar.hidden = true;
    const [go, kept] = [send, request.status === 200 && exchange(LIST, request.responseText)];
    send = null;
    if (kept) field.value = "";
    else say(word("The files could not be kept just now. They go with the reply when you send it."));
    if (kept) go?.();
  });
  field.form.dataset.uploading = "";
  bar.hidden = false;
  request.send(body);
}

function place() {
  return document.querySelector("#write-reply [data-uploads]");
}

document.addEventListener("change", ({ target }) => {
  if (target.matches?.("[data-uploads]")) upload(target, target.files);
});
document.addEventListener("dragover", (event) => {
  if (place() && event.target.closest?.("#composer") && event.dataTransfer?.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const files = event.dataTransfer?.files;
  if (!place() || !files?.length || !event.target.closest?.("#composer")) return;
  event.preventDefault();
  upload(place(), files);
});
document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files;
  if (!place() || !files?.length || !event.target.closest?.("#write-reply")) return;
  event.preventDefault();
  upload(place(), files);
});
document.addEventListener("htmx:confirm", (event) => {
  if (!("uploading" in event.target.dataset)) return;
  event.preventDefault();
  send = () => event.detail.issueRequest(true);
  say(word("It is sent as soon as its files are there."));
});
