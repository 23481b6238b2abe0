// SPDX-License-Identifier: MIT
// What the theme's script makes without a name, or out of the keyboard's reach.

function mend() {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  document.querySelectorAll(".md-code__nav").forEach((nav, i) => {
    nav.setAttribute("aria-label", `Code ${i + 1}`);
  });
  // A heading may have the name of a part of the site.
  document.querySelectorAll(".md-nav--secondary .md-nav").forEach((nav) => {
    const heading = nav.parentElement.querySelector("a").textContent.trim();
    nav.setAttribute("aria-label", `${heading}, on this page`);
  });
  document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  });
}

new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
addEventListener("resize", mend);
mend();
