// The next page of a list is fetched when its last rows come near; the button behind it stays for who has no scripts.

const NEAR = "600px";

const watcher = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    target.click();
  }
}, { rootMargin: `0px 0px ${NEAR}` });

function watch() {
  for (const link of document.querySelectorAll("#rows .more a:not([data-watched])")) {
    link.dataset.watched = "";
    watcher.observe(link);
  }
}

document.addEventListener("htmx:afterSettle", watch);
watch();
