/** Writes docs/client-typescript.md from the package's types and their comments; with `--check` compares it instead. */
import { readFileSync, writeFileSync } from "node:fs";
import { declarations } from "./declarations.js";

const PAGE = new URL("../../../../docs/client-typescript.md", import.meta.url);

/** The names of each section; what is exported and in none comes last. */
const SECTIONS = {
  Sessions: [
    "publish",
    "PublishOptions",
    "Publisher",
    "subscribe",
    "SubscribeOptions",
    "Subscriber",
    "RoomSession",
  ],
  Events: ["SessionEvents", "PublisherEvents", "SubscriberEvents", "ConnectionState", "Notice"],
  Frames: [
    "TrackedFrame",
    "Pose",
    "Face",
    "Hand",
    "landmarkOf",
    "Landmark",
    "RigFrame",
    "HandTargets",
    "FrameAssembler",
    "parseRig",
    "makeRigFrame",
    "AnalysisFrame",
    "JointAngle",
    "Symmetry",
    "ExerciseState",
    "Repetition",
    "HandGesture",
    "HeadState",
    "Posture",
    "MotionEvent",
    "parseAnalysis",
    "FrameHistory",
  ],
  Errors: ["MocastError", "ErrorKind"],
  "The server and its tokens": ["Server", "TokenSource"],
};
const LAST = "Names, settings and the HTTP API's types";

const INTRODUCTION = `# mocast-client in TypeScript

Every name that the package exports. How to get it, and an example of ten lines: [its README](../web/packages/client/README.md).
Written by \`web/packages/client/scripts/docs.js\` from the types and their comments: change those, and run
\`npm --prefix web run docs\`.
`;

function entry({ name, comment, code }) {
  return `### ${name}\n\n${prose(comment)}\`\`\`ts\n${code.replaceAll(/ {4}(?= *\S)/gm, "  ").trim()}\n\`\`\`\n`;
}

/** A comment's text, with its paragraphs and lists as they are. */
function prose(comment) {
  const text = comment.replaceAll(/^\/\*\* ?| \*\/$|^ \*(?: |$)/gm, "").trim();
  return text ? `${text}\n\n` : "";
}

function page() {
  const all = declarations(new URL("../build/index.d.ts", import.meta.url));
  const entries = new Map(all.filter(({ isExported }) => isExported).map((one) => [one.name, entry(one)]));
  const parts = [INTRODUCTION];
  for (const [section, names] of Object.entries(SECTIONS)) {
    parts.push(`## ${section}\n`);
    for (const name of names) {
      if (!entries.has(name)) throw new Error(`${name} is not exported.`);
      parts.push(entries.get(name));
      entries.delete(name);
    }
  }
  return `${[...parts, `## ${LAST}\n`, ...entries.values()].join("\n")}`;
}

if (!process.argv.includes("--check")) writeFileSync(PAGE, page());
else if (readFileSync(PAGE, "utf8") !== page())
  throw new Error("docs/client-typescript.md is old: npm --prefix web run docs");
