import { expect, test } from "vitest";
import { AvatarSelection } from "../../src/state/AvatarSelection";
import { Store } from "../../src/state/Store";

const mine = new File(["vrm"], "mine.vrm");
const other = new File(["vrm"], "other.vrm");
const broken = new File([""], "broken.vrm");

/** A browser's storage, and a view that cannot load what is broken. */
function page(stored: File | null = null) {
  const shown: (string | Blob)[] = [];
  const state = { stored };
  const problem = new Store("");
  const storedFile = {
    load: async () => state.stored,
    save: async (file: File) => {
      state.stored = file;
      return true;
    },
    delete: async () => {
      state.stored = null;
    },
  };
  const view = {
    async load(source: string | Blob) {
      if (source === broken) throw new Error("This is no binary glTF file.");
      shown.push(source);
    },
  };
  return { selection: new AvatarSelection(problem, storedFile), view, shown, state, problem };
}

test("the default is shown until the person gives a VRM, which is stored", async () => {
  const { selection, view, shown, state } = page();
  await selection.attach(view);
  await selection.choose(mine);
  expect(shown).toEqual(["default.vrm", mine]);
  expect(selection.own.value).toBe(mine);
  expect(state.stored).toBe(mine);
});

test("what was stored is shown first, until the default is asked for", async () => {
  const { selection, view, shown, state } = page(mine);
  await selection.attach(view);
  await selection.useDefault();
  expect(shown).toEqual([mine, "default.vrm"]);
  expect(selection.own.value).toBeNull();
  expect(state.stored).toBeNull();
});

test("a file that is none leaves the present one, and says why", async () => {
  const { selection, view, state, problem } = page(mine);
  await selection.attach(view);
  await selection.choose(broken);
  expect(problem.value).toBe("This is no binary glTF file.");
  expect(selection.own.value).toBe(mine);
  expect(state.stored).toBe(mine);
});

test("what was stored and cannot be read any more gives way to the default", async () => {
  const { selection, view, shown, state } = page(broken);
  await selection.attach(view);
  expect(shown).toEqual(["default.vrm"]);
  expect(state.stored).toBeNull();
});

test("of two that are chosen at once the later one counts", async () => {
  const { selection, view } = page();
  await selection.attach(view);
  await Promise.all([selection.choose(mine), selection.choose(other)]);
  expect(selection.own.value).toBe(other);
  expect(selection.isLoading.value).toBe(false);
});

test("a file that comes while the stored one is still loading is neither lost nor taken for a failure", async () => {
  const { selection, view, state } = page(mine);
  const waiting: (() => void)[] = [];
  const slow = {
    load: (source: string | Blob) =>
      view.load(source).then(() => new Promise<void>((go) => waiting.push(go))),
  };
  const attached = selection.attach(slow);
  while (waiting.length < 1) await Promise.resolve();
  const chosen = selection.choose(other);
  while (waiting.length < 2) await Promise.resolve();
  for (const go of waiting) go();
  await Promise.all([attached, chosen]);
  expect(selection.own.value).toBe(other);
  expect(state.stored).toBe(other);
});

test("an avatar is stored before the page says that it is there", async () => {
  const { selection, view, state } = page();
  await selection.attach(view);
  const storedWhenSaid: (File | null)[] = [];
  selection.own.watch(() => storedWhenSaid.push(state.stored));
  await selection.choose(mine);
  expect(storedWhenSaid).toEqual([mine]);
});
