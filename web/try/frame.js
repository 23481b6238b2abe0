// SPDX-License-Identifier: MIT
// In each page of a program: what it names from the root, such as /table, is below the program's own
// prefix here, and a WebSocket goes to the program. The service worker puts this script in.
"use strict";

{
  const { prefix } = document.currentScript.dataset;
  const id = prefix.slice(prefix.lastIndexOf("/") + 1);

  // `address` below the prefix; as it is where it leads elsewhere.
  const inside = (address) => {
    const url = new URL(address, document.baseURI);
    if (url.origin === location.origin && !`${url.pathname}/`.startsWith(`${prefix}/`)) {
      url.pathname = prefix + url.pathname;
    }
    return url.href;
  };

  addEventListener(
    "click",
    (event) => {
      const link = event.composedPath().find((node) => node.href && node.matches?.("a, area"));
      if (link && typeof link.href === "string") {
        const wanted = inside(link.href);
        if (wanted !== link.href) link.href = wanted;
      }
    },
    true,
  );

  const mend = (form, submitter) => {
    if (submitter?.hasAttribute("formaction")) submitter.formAction = inside(submitter.formAction);
    form.setAttribute("action", inside(form.getAttribute("action") ?? location.href));
  };
  addEventListener("submit", (event) => mend(event.target, event.submitter), true);
  const { submit } = HTMLFormElement.prototype;
  HTMLFormElement.prototype.submit = function () {
    mend(this);
    submit.call(this);
  };

  // location = "/table"
  globalThis.navigation?.addEventListener("navigate", (event) => {
    const { url } = event.destination;
    const wanted = inside(url);
    if (wanted !== url && event.cancelable && !event.hashChange) {
      event.preventDefault();
      const history = event.navigationType === "replace" ? "replace" : "auto";
      navigation.navigate(wanted, { history });
    }
  });

  const Native = WebSocket;
  const EVENTS = ["open", "message", "error", "close"];

  class ProgramSocket extends EventTarget {
    #port = null;
    #handlers = {};
    #sending = Promise.resolve(); // messages keep their order, though Blobs have to be read
    readyState = Native.CONNECTING;
    bufferedAmount = 0;
    extensions = "";
    protocol = "";
    binaryType = "blob";

    constructor(address, protocols = []) {
      super();
      const url = new URL(address, document.baseURI);
      this.url = url.href;
      const path = url.pathname.startsWith(`${prefix}/`)
        ? url.pathname.slice(prefix.length)
        : url.pathname;
      const { port1, port2 } = new MessageChannel();
      this.#port = port1;
      port1.onmessage = ({ data }) => this.#receive(data);
      const socket = { target: path + url.search, protocols: [protocols].flat() };
      navigator.serviceWorker.ready.then(({ active }) => active.postMessage({ id, socket }, [port2]));
    }

    #receive(data) {
      if (data.open) {
        this.readyState = Native.OPEN;
        this.protocol = data.open.protocol;
        this.dispatchEvent(new Event("open"));
      } else if ("message" in data) {
        const text = typeof data.message === "string";
        const blob = !text && this.binaryType === "blob";
        const content = blob ? new Blob([data.message]) : data.message;
        this.dispatchEvent(new MessageEvent("message", { data: content, origin: location.origin }));
      } else {
        const { code, reason } = data.closed ?? { code: 1006, reason: "" };
        this.readyState = Native.CLOSED;
        this.#port.close();
        if (!data.closed) this.dispatchEvent(new Event("error"));
        const wasClean = code !== 1006;
        this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
      }
    }

    send(data) {
      if (this.readyState === Native.CONNECTING) {
        throw new DOMException("The WebSocket is not open yet.", "InvalidStateError");
      }
      this.#sending = this.#sending.then(async () => {
        const content = typeof data === "string" ? data : await new Blob([data]).arrayBuffer();
        if (this.readyState === Native.OPEN) this.#port.postMessage({ send: content });
      });
    }

    close(code = 1000, reason = "") {
      if (this.readyState > Native.OPEN) return;
      this.#sending.then(() => {
        this.readyState = Native.CLOSING;
        this.#port.postMessage({ close: { code, reason } });
      });
    }

    static {
      for (const name of EVENTS) {
        Object.defineProperty(this.prototype, `on${name}`, {
          get() {
            return this.#handlers[name] ?? null;
          },
          set(handler) {
            this.removeEventListener(name, this.#handlers[name]);
            this.#handlers[name] = handler;
            if (handler) this.addEventListener(name, handler);
          },
        });
      }
      for (const state of ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]) {
        this[state] = this.prototype[state] = Native[state];
      }
    }
  }

  // One to another host is an ordinary one.
  globalThis.WebSocket = new Proxy(ProgramSocket, {
    construct(target, [address, protocols]) {
      const { host } = new URL(address, document.baseURI);
      return host === location.host
        ? new ProgramSocket(address, protocols)
        : new Native(address, protocols);
    },
  });
}
