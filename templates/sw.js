{% load static %}/* Keeps the shell of the site and the offline page, never a person's page: those always come from the network. */
const SHELL = "habyss-{% static 'css/habyss.css' %}-{% static 'js/habyss.js' %}";
const OFFLINE = "{% url 'offline' %}";
const FILES = [OFFLINE, "{% static 'css/habyss.css' %}", "{% static 'js/theme.js' %}", "{% static 'icons/habyss.svg' %}"];

addEventListener("install", (event) => event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => skipWaiting())));

addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)))).then(() => clients.claim()),
));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  else if (FILES.includes(new URL(request.url).pathname)) event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});

/* A note from the coach: {id, title, body, url, tag}. A copy takes the place of the first; a click opens its page here. */
addEventListener("push", (event) => {
  let note = {};
  try { note = event.data.json(); } catch { /* shown without words: a browser wants to see something */ }
  const { title = "Habyss", body = "You have a new message.", url = "/", tag } = note;
  event.waitUntil(registration.showNotification(title, { body, tag, icon: "{% url 'app_icon' 192 %}", data: { url } }));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const target = new URL(event.notification.data?.url || "/", location.origin);
  event.waitUntil(clients.openWindow(target.origin === location.origin ? target.href : "/"));
});
