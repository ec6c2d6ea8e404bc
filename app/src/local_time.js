// Writes the times of the server's view, which are in UTC, in the reader's own
// zone before the page is first seen. What the app writes later is the same:
// `format/moment.rs`.
(() => {
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const two = (number, digits = 2) => String(number).padStart(digits, "0");
  const zone = (date) => {
    const offset = -date.getTimezoneOffset();
    const minutes = Math.abs(offset) % 60;
    const sign = offset < 0 ? "\u2212" : "+";
    const rest = minutes ? `:${two(minutes)}` : "";
    return offset ? `UTC${sign}${Math.trunc(Math.abs(offset) / 60)}${rest}` : "UTC";
  };
  const day = (date) => `${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}`;
  const exact = (date) =>
    `${day(date)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}` +
    `.${two(date.getMilliseconds(), 3)} ${zone(date)}`;
  for (const time of document.querySelectorAll("time[data-local]")) {
    const date = new Date(time.dateTime);
    const text = time.firstChild;
    if (!text || Number.isNaN(date.getTime())) continue;
    if (time.dataset.local === "exact") text.data = exact(date);
    // Of the others only dates depend on the zone.
    else if (/ \d{4}$/.test(text.data)) text.data = day(date);
  }
})();
