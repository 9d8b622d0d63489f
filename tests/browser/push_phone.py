"""The way from the push service to a phone's lock screen, where the browser vendor's own network cannot be used.

Chromium subscribes at its vendor, whom a test must not need. So `PushManager.subscribe` alone is replaced: it hands out a
subscription of the tests' push service, with real keys. Everything else is real: the server encrypts and posts, the service
decrypts as the subscribed browser would, the message is delivered to the phone's service worker, which shows it and
answers a tap. A tap is an event made by the test, because headless Chromium has no lock screen to tap on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Worker, expect

from tests.browser.harness import Phone
from tests.browser.officer_steps import Say, button, english, go_to_settings
from tests.push_service import Message, PushService

__all__ = ["Notification", "Pager"]

#: What Chromium itself refuses is refused here as well, so that no test passes on a call that a real phone rejects.
SUBSCRIBE_HERE = """
(({ endpoint, keys }) => {
  if (!('PushManager' in globalThis)) return;
  const KEPT = 'subscribed-to-the-push-service-of-the-test';
  const subscriptionTo = (key) => ({
    endpoint,
    expirationTime: null,
    options: { userVisibleOnly: true, applicationServerKey: new Uint8Array(key).buffer },
    toJSON: () => ({ endpoint, expirationTime: null, keys }),
    unsubscribe: async () => {
      const was = localStorage.getItem(KEPT) !== null;
      localStorage.removeItem(KEPT);
      return was;
    },
  });
  PushManager.prototype.subscribe = async (options) => {
    const refuse = (name, why) => { throw new DOMException(why, name); };
    const key = new Uint8Array(options?.applicationServerKey ?? []);
    if (!options?.userVisibleOnly) refuse('NotAllowedError', 'Only pushes that are shown.');
    if (Notification.permission !== 'granted') refuse('NotAllowedError', 'No permission.');
    if (key.length !== 65 || key[0] !== 4) refuse('InvalidAccessError', 'Not a P-256 point.');
    localStorage.setItem(KEPT, JSON.stringify([...key]));
    return subscriptionTo(key);
  };
  PushManager.prototype.getSubscription = async () => {
    const key = localStorage.getItem(KEPT);
    return key === null ? null : subscriptionTo(JSON.parse(key));
  };
})(%s)
"""

#: Whoever asks which notifications there are while one is being put up, makes Chromium forget that one: it is written down
#: already, does not stand on the screen yet, and counts as swept away. So showing and looking take turns.
TURNS = """
if (!globalThis.inTurn) {
  let last = Promise.resolve();
  globalThis.inTurn = (act) => (last = last.then(act, act));
  const show = ServiceWorkerRegistration.prototype.showNotification;
  ServiceWorkerRegistration.prototype.showNotification = function (...given) {
    return globalThis.inTurn(() => show.apply(this, given));
  };
}
"""

NOTIFICATIONS = """
async () => {
  /* turns */
  return (await inTurn(() => registration.getNotifications())).map(
    ({ title, body, tag, lang, data, actions }) => (
      { title, body, tag, lang, data, actions: actions.map((each) => each.title) }));
}
""".replace("/* turns */", TURNS)

#: `waitUntil` belongs to events of the browser's own making, so this one keeps what it is given and waits for it.
TAP = """
async ({ title, action }) => {
  /* turns */
  const shown = (await inTurn(() => registration.getNotifications())).find((each) => each.title === title);
  if (!shown) throw new Error(`no notification says ${title}`);
  const event = new NotificationEvent('notificationclick', { notification: shown, action });
  const work = [];
  event.waitUntil = (promise) => work.push(promise);
  dispatchEvent(event);
  await Promise.all(work);
}
""".replace("/* turns */", TURNS)

#: What the browser does when it gives a subscription up by itself: another address, and an event for the service worker.
REPLACE = """
async ({ endpoint, keys }) => {
  const subscription = { endpoint, options: {}, unsubscribe: async () => true, toJSON: () => ({ endpoint, keys }) };
  PushManager.prototype.getSubscription = async () => null;
  PushManager.prototype.subscribe = async () => subscription;
  const event = new ExtendableEvent('pushsubscriptionchange');
  const work = [];
  event.waitUntil = (promise) => work.push(promise);
  dispatchEvent(event);
  await Promise.all(work);
}
"""

PERMISSIONS = ["notifications", "geolocation"]
SHOWN_WITHIN_MS = 15_000
LOOK_EVERY_MS = 25

#: What a lock screen may say of a referral. Nothing else, whoever it is about.
WAITING = "Officer waiting"
REFERRAL = "Referral waiting"
OPEN_IT = "Open the app to see it"


@dataclass(frozen=True)
class Notification:
    """What the lock screen shows, and what the phone keeps behind it."""

    title: str
    body: str
    tag: str
    lang: str
    data: Any
    actions: tuple[str, ...]

    @property
    def everything(self) -> str:
        """All that anybody could read from it, in one text."""
        return json.dumps([self.title, self.body, self.tag, self.data, self.actions], ensure_ascii=False)


class Pager:
    """One phone's line to the push service. Make it before the phone opens the app; again after a restart."""

    def __init__(self, phone: Phone, service: PushService) -> None:
        self.phone = phone
        self.service = service
        self.subscription = service.subscribe()
        self.delivered: list[Message] = []
        # Whoever has allowed notifications is registered at each start; here nobody has been asked yet.
        phone.context.clear_permissions()
        self.after_restart()

    def after_restart(self) -> None:
        """A browser that was closed has forgotten what was put into its pages."""
        here = json.dumps({"endpoint": self.subscription.endpoint, "keys": self.subscription.keys})
        self.phone.context.add_init_script(SUBSCRIBE_HERE % here)

    def turn_on(self, say: Say = english) -> None:
        """What a person does once per phone: allow notifications, on the screen "Me"."""
        page = self.phone.page
        go_to_settings(page, say)
        self.phone.context.grant_permissions(PERMISSIONS, origin=self.phone.url)
        # Once allowed, the app may register the phone by itself before the tap: then there is no button any more.
        button(page, say("notify_enable")).evaluate_all("(found) => found.forEach((each) => each.click())")
        expect(page.get_by_text(say("notify_enabled"), exact=True).first).to_be_visible()

    def ring(self, kind: str) -> Message:
        """The next message of this kind for this phone, from the server's post to the service worker."""
        message = self.service.wait_for(lambda each: self._is_next(each, kind))
        self.delivered.append(message)
        if self._running():
            self.count()  # so that the worker that shows it is one that takes turns
        self.phone.deliver_push(json.dumps(message.whole))
        return message

    def replace(self) -> None:
        """The browser replaces the subscription; returns when the worker has done what it can."""
        self.subscription = self.service.subscribe()
        self._worker().evaluate(REPLACE, {"endpoint": self.subscription.endpoint, "keys": self.subscription.keys})

    def place(self, title: str) -> str:
        """Where a tap on this notification leads: what the service worker opens, behind the app's address."""
        data = self.shows(title).data
        return f"/#/answer/{data['page']}/{data['token']}/{data['text']}"

    def count(self) -> int:
        """How many notifications stand on the lock screen."""
        return len(self._shown())

    def shows(self, title: str) -> Notification:
        """The notification with this title, once it is there."""
        for _ in range(SHOWN_WITHIN_MS // LOOK_EVERY_MS):
            for each in self._shown():
                if each.title == title:
                    return each
            self.phone.page.wait_for_timeout(LOOK_EVERY_MS)
        raise AssertionError(f"nothing says {title!r}, but {self._shown()}")

    def takes_away(self, title: str) -> None:
        """Waits until no notification says this any more."""
        for _ in range(SHOWN_WITHIN_MS // LOOK_EVERY_MS):
            if all(each.title != title for each in self._shown()):
                return
            self.phone.page.wait_for_timeout(LOOK_EVERY_MS)
        raise AssertionError(f"{title!r} still stands on the lock screen")

    def tap(self, title: str, action: str = "") -> None:
        """Taps a notification (its button, with an action) and returns when the worker is done with it."""
        self._worker().evaluate(TAP, {"title": title, "action": action})

    def _is_next(self, message: Message, kind: str) -> bool:
        mine = message.path == self.subscription.path and message.body["kind"] == kind
        return mine and not any(message is each for each in self.delivered)

    def _shown(self) -> list[Notification]:
        found = self._worker().evaluate(NOTIFICATIONS)
        return [Notification(**{**each, "actions": tuple(each["actions"])}) for each in found]

    def _worker(self) -> Worker:
        """The phone's service worker, which needs no open page."""
        running = self._running()
        started: Worker = running[0] if running else self.phone.context.wait_for_event("serviceworker")
        return started

    def _running(self) -> list[Worker]:
        return [each for each in self.phone.context.service_workers if each.url.startswith(self.phone.url)]


def assert_says_nothing_about_anybody(shown: Notification, told: list[str]) -> None:
    """One of two constant texts, and behind them nothing that means anything to a stranger."""
    assert shown.title in (WAITING, REFERRAL)
    assert shown.body == OPEN_IT
    assert shown.actions == ("I have it",)
    assert set(shown.data) == {"page", "token", "text"}
    assert not [text for text in told if text in shown.everything]
