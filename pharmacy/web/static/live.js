// Keeps a page true while somebody looks at it. The server says that something changed, never what;
// this asks for the same page again and replaces the parts marked data-live that differ. Without
// this file the page works by reload.
"use strict";
(function () {
  const topics = document.body.dataset.topics;
  const state = document.getElementById("live-state");
  const wrong = document.querySelector(".wrong");
  if (wrong) wrong.focus();
  if (!topics || !window.EventSource || !window.fetch) return;

  let source = null;
  let busy = false;
  let again = false;
  let heard = 0;
  let lost = false;

  function tell(text) {
    if (state.textContent !== text) state.textContent = text;
  }

  function stamp() {
    const now = new Date();
    const two = (n) => String(n).padStart(2, "0");
    return two(now.getHours()) + ":" + two(now.getMinutes()) + ":" + two(now.getSeconds());
  }

  function replace(fresh) {
    const said = [];
    const here = document.querySelectorAll("[data-live]");
    const there = fresh.querySelectorAll("[data-live]");
    const ids = (list) => Array.from(list, (part) => part.id).join(" ");
    if (ids(here) !== ids(there)) {
      // Parts came or went: the whole page is another one, unless somebody is writing on it.
      if (!document.querySelector("form[method=post] :focus")) {
        const focus = document.activeElement && document.activeElement.getAttribute("href");
        document.getElementById("main").replaceWith(fresh.getElementById("main"));
        refocus(focus);
      }
      return;
    }
    here.forEach(function (old) {
      const now = fresh.getElementById(old.id);
      if (old.innerHTML === now.innerHTML) return;
      const within = old.contains(document.activeElement) && document.activeElement;
      const focus = within && within.getAttribute("href");
      const node = document.importNode(now, true);
      old.replaceWith(node);
      node.classList.add("changed");
      refocus(focus, node);
      const level = node.querySelector(".level");
      if (node.dataset.name && level) said.push(node.dataset.name + ": " + level.textContent.trim());
    });
    const live = document.getElementById("live-said");
    if (live && said.length) live.textContent = said.slice(0, 3).join(". ");
  }

  function refocus(href, within) {
    if (!href) return;
    const links = (within || document).querySelectorAll("a[href]");
    for (const link of links) {
      if (link.getAttribute("href") === href) return link.focus({ preventScroll: true });
    }
  }

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(window.location.href, { headers: { "x-refresh": "1" } });
      if (answer.status === 401) return over();
      if (answer.ok) {
        replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
        tell(" Live; last change shown " + stamp() + ".");
      }
    } catch (error) {
      tell(" Not live: the server does not answer. What stands here may be old.");
    } finally {
      busy = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  }

  function over() {
    // The names on this page are for who signed in, and that has ended.
    if (source) source.close();
    window.location.assign("/sign-in");
  }

  function open() {
    if (source || document.hidden) return;
    source = new EventSource("/live?topics=" + encodeURIComponent(topics));
    source.addEventListener("watching", function () {
      heard += 1;
      if (heard > 1 || lost) refresh();
      lost = false;
      tell(" Live.");
    });
    source.addEventListener("changed", refresh);
    source.addEventListener("over", over);
    source.addEventListener("full", function () {
      source.close();
      tell(" Not live: too many pages are open. Reload to see what changed.");
    });
    source.onerror = function () {
      lost = true;
      tell(" Not live: the server does not answer. What stands here may be old.");
      if (source.readyState === EventSource.CLOSED) {
        source = null;
        refresh();
        window.setTimeout(open, 5000);
      }
    };
  }

  document.addEventListener("visibilitychange", function () {
    // A browser keeps six lines to a server; pages nobody looks at give theirs back.
    if (document.hidden && source) {
      source.close();
      source = null;
      lost = true;
    } else {
      open();
    }
  });
  open();
})();
