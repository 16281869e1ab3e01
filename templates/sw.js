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
