// Applies the chosen theme before anything is drawn, so that the page does not flash.
// The choice is "light" or "dark"; without one the page follows the system.
try {
  const theme = localStorage.getItem("momento-emulator-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing follows the system.
}
