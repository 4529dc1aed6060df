// The timer in the bar counts on between two visits to the server, in whole minutes, by the reader's own clock.

function length(minutes) {
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 && hours < 10 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}

function show() {
  if (document.hidden) return;
  for (const part of document.querySelectorAll("[data-since]")) {
    const minutes = Math.max(1, Math.round((Date.now() - Date.parse(part.dataset.since)) / 60_000));
    const said = length(minutes);
    if (minutes < 1440 && part.textContent !== said) part.textContent = said;
  }
}

setInterval(show, 15_000);
document.addEventListener("visibilitychange", show);
