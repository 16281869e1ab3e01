/* Fills the hidden time zone of the sign-up form with the browser's own, so that nobody has to be asked. */
const field = document.querySelector('input[name="timezone"]');
if (field && !field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
