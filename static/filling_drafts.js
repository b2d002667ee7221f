/* What is typed and not yet saved, in this browser's own storage: one entry for each field and page.

The key holds the person, the application and the page, so that nobody else who signs in here gets the text, and two pages
that are open side by side do not write over each other. Pages of one application also tell each other what they have saved. */
(function () {
  "use strict";

  function number() {
    return Array.from(window.crypto.getRandomValues(new Uint32Array(2))).join("");
  }

  function Drafts(person, application) {
    this.page = number();
    this.prefix = "draft:" + person + ":" + application + ":";
    this.safe = true;  // whether what was last typed lies in the storage; a full or forbidden one holds nothing
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(this.prefix) : null;
  }

  Drafts.prototype.key = function (name) { return this.prefix + this.page + ":" + name; };

  Drafts.prototype.keep = function (name, entry) {
    try { window.localStorage.setItem(this.key(name), JSON.stringify(entry)); this.safe = true; } catch (error) { this.safe = false; }
  };

  /* Forgets a field once it is saved, unless something newer was typed meanwhile. */
  Drafts.prototype.drop = function (name, saved) {
    var kept = read(this.key(name));
    if (kept && (!saved || JSON.stringify(kept.value) === JSON.stringify(saved.value))) remove(this.key(name));
  };

  /* What other pages of this application have not sent, the oldest first. */
  Drafts.prototype.left = function () {
    var prefix = this.prefix;
    return keys(prefix).map(function (key) {
      var entry = read(key), rest = key.slice(prefix.length), cut = rest.indexOf(":");
      return entry && typeof entry === "object" && cut > 0 ? { key: key, name: rest.slice(cut + 1), entry: entry } : null;
    }).filter(Boolean).sort(function (one, other) { return (one.entry.at || 0) - (other.entry.at || 0); });
  };

  Drafts.prototype.forget = function (key) { remove(key); };

  Drafts.prototype.tell = function (message) { if (this.channel) this.channel.postMessage(message); };
  Drafts.prototype.hear = function (action) {
    if (this.channel) this.channel.addEventListener("message", function (event) { action(event.data); });
  };

  function keys(prefix) {
    try {
      return Object.keys(window.localStorage).filter(function (key) { return key.indexOf(prefix) === 0; });
    } catch (error) { return []; }
  }
  function read(key) { try { return JSON.parse(window.localStorage.getItem(key)); } catch (error) { return null; } }
  function remove(key) { try { window.localStorage.removeItem(key); } catch (error) { /* nothing was kept */ } }

  window.FillingDrafts = Drafts;
})();
