import { useRef, useState } from "preact/hooks";
import type { AvatarController } from "../state/AvatarController";
import { isReturn } from "../state/isReturn";
import { storage } from "../storage/storage";
import { Deferred } from "./controls/Deferred";
import { LiveRegion } from "./controls/LiveRegion";
import { ThemeButton } from "./controls/ThemeButton";
import { useStore } from "./controls/useStore";
import { LivePage } from "./live/LivePage";
import { TokenNotice } from "./session/TokenNotice";
import { phaseText } from "./text/phaseText";

const TABS = ["Live", "Avatar", "Analysis", "Pictures", "Videos"] as const;
type Tab = (typeof TABS)[number];

const loadAddressNotice = async () => (await import("./session/AddressNotice")).AddressNotice;
const loadAvatarPage = async () => (await import("./avatar/AvatarPage")).AvatarPage;
const loadAnalysisPage = async () => (await import("./analysis/AnalysisPage")).AnalysisPage;
const loadPicturesPage = async () => (await import("./pictures/PicturesPage")).PicturesPage;
const loadVideosPage = async () => (await import("./videos/VideosPage")).VideosPage;

/** The whole page. */
export function App({ avatar }: { avatar: AvatarController }) {
  const { live } = avatar;
  const [chosen, setChosen] = useState(lastTab);
  const [picture, setPicture] = useState<File | null>(null);
  const opened = useRef(new Set<Tab>());
  const phase = useStore(live.phase);
  const info = useStore(live.info);
  const tabs = TABS.filter((name) => name !== "Videos" || info?.jobs);
  const tab = tabs.includes(chosen) ? chosen : "Live";
  opened.current.add(tab);
  const setTab = (next: Tab) => {
    storage.savePage(next);
    setChosen(next);
  };
  const playMotion = (animation: File, title: string) => {
    void avatar.play(animation, title);
    setTab("Avatar");
  };
  return (
    <>
      <header class="top">
        <a class="brand" href="./" aria-label="Mocast">
          <img src="favicon.svg" alt="" width="28" height="28" />
          Mocast
        </a>
        <Tabs tabs={tabs} chosen={tab} onChoose={setTab} />
        <span class="space" />
        <p class={`status is-${phase.is}`} role="status">
          <i aria-hidden="true" />
          {phaseText(phase)}
        </p>
        <ThemeButton />
      </header>
      {/* What was opened stays alive: a look at the pictures must not end the live session. */}
      <main>
        <LiveRegion>
          {live.addressProblems.length > 0 && (
            <Deferred load={loadAddressNotice} props={{ problems: live.addressProblems, room: live.room }} />
          )}
        </LiveRegion>
        <TokenNotice access={live.access} />
        {tabs.map((name) => (
          <div
            key={name}
            id={`panel-${name}`}
            role="tabpanel"
            aria-labelledby={`tab-${name}`}
            hidden={name !== tab}
          >
            <h1 class="for-readers">{name}</h1>
            {name === "Live" && (
              <LivePage
                live={live}
                onPicture={(file) => {
                  setPicture(file);
                  setTab("Pictures");
                }}
              />
            )}
            {name === "Avatar" && opened.current.has(name) && (
              <Deferred load={loadAvatarPage} props={{ avatar, isShown: name === tab }} />
            )}
            {name === "Analysis" && opened.current.has(name) && (
              <Deferred load={loadAnalysisPage} props={{ live, isShown: name === tab }} />
            )}
            {name === "Pictures" && opened.current.has(name) && (
              <Deferred load={loadPicturesPage} props={{ live, file: picture, onFile: setPicture }} />
            )}
            {name === "Videos" && opened.current.has(name) && (
              <Deferred load={loadVideosPage} props={{ live, onPlay: playMotion }} />
            )}
          </div>
        ))}
      </main>
      <footer class="faint">
        {info ? `Mocast ${info.version} · ${info.engine} · room ${live.room}` : `Room ${live.room}`} ·{" "}
        <a href="docs">HTTP API</a>
      </footer>
    </>
  );
}

/** Where the person was before a reload. */
function lastTab(): Tab {
  const last = isReturn() ? storage.loadPage() : null;
  return TABS.find((name) => name === last) ?? "Live";
}

interface TabsProps {
  readonly tabs: readonly Tab[];
  readonly chosen: Tab;
  onChoose(tab: Tab): void;
}

function Tabs({ tabs, chosen, onChoose }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.indexOf(chosen);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(tabs.at(next % tabs.length)!);
  };
  const choose = (next: Tab) => {
    onChoose(next);
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <div ref={list} class="tabs" role="tablist" aria-label="Pages" onKeyDown={onKeyDown}>
      {tabs.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={name === chosen}
          aria-controls={`panel-${name}`}
          tabIndex={name === chosen ? 0 : -1}
          onClick={() => onChoose(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
