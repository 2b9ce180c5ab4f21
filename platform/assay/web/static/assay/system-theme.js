// Before the first paint, and only without a theme cookie: the system's own choice.
document.documentElement.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
