// SPDX-License-Identifier: MIT
// Browsers give no worker to a page that was opened as a file. There a hidden frame stands for
// the one that searches.
if (location.protocol === "file:") {
    window.Worker = class extends EventTarget {
        constructor(url) {
            super();
            this.waiting = [];
            this.frame = document.createElement("iframe");
            this.frame.hidden = true;
            document.body.append(this.frame);
            const inner = this.frame.contentWindow;
            inner.postMessage = (data) => {
                const event = new MessageEvent("message", { data });
                this.dispatchEvent(event);
                this.onmessage?.(event);
            };
            const script = inner.document.createElement("script");
            script.src = url;
            script.onload = () => {
                this.frame.dataset.ready = "";
                this.waiting.splice(0).forEach((data) => this.postMessage(data));
            };
            inner.document.body.append(script);
        }

        postMessage(data) {
            if ("ready" in this.frame.dataset) {
                const inner = this.frame.contentWindow;
                inner.dispatchEvent(new inner.MessageEvent("message", { data }));
            } else {
                this.waiting.push(data);
            }
        }

        terminate() {
            this.frame.remove();
        }
    };
}
