import { useEffect, useState } from "preact/hooks";
import { storage } from "../../storage/storage";
import { Icon } from "./Icon";

type Theme = "dark" | "light";

const LIGHT_SYSTEM = matchMedia("(prefers-color-scheme: light)");

/** Switches between dark and light; the system's theme until the person chooses one. */
export function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(() => storage.load<Theme>("theme") ?? systemTheme());
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    const follow = () => setTheme(storage.load<Theme>("theme") ?? systemTheme());
    // It may have changed before anyone listened.
    follow();
    LIGHT_SYSTEM.addEventListener("change", follow);
    return () => LIGHT_SYSTEM.removeEventListener("change", follow);
  }, []);
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      class="button is-icon"
      aria-label={`Use ${other} colours`}
      title={`Use ${other} colours`}
      onClick={() => {
        storage.save("theme", other);
        setTheme(other);
      }}
    >
      <Icon name={theme === "dark" ? "sun" : "moon"} />
    </button>
  );
}

function systemTheme(): Theme {
  return LIGHT_SYSTEM.matches ? "light" : "dark";
}
