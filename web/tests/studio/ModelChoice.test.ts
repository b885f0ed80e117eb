import { expect, test } from "vitest";
import { ModelChoice } from "../../src/studio/ModelChoice";
import { Store } from "../../src/studio/Store";

const mine = new File(["vrm"], "mine.vrm");
const other = new File(["vrm"], "other.vrm");
const broken = new File([""], "broken.vrm");

/** A browser's storage, and a view that cannot load what is broken. */
function page(kept: File | null = null) {
  const shown: (string | Blob)[] = [];
  const state = { kept };
  const problem = new Store("");
  const shelf = {
    recall: async () => state.kept,
    keep: async (file: File) => {
      state.kept = file;
      return true;
    },
    forget: async () => {
      state.kept = null;
    },
  };
  const view = {
    async load(source: string | Blob) {
      if (source === broken) throw new Error("This is no binary glTF file.");
      shown.push(source);
    },
  };
  return { model: new ModelChoice(problem, shelf), view, shown, state, problem };
}

test("ours is shown until the person gives theirs, which is kept", async () => {
  const { model, view, shown, state } = page();
  await model.attach(view);
  await model.choose(mine);
  expect(shown).toEqual(["/default.vrm", mine]);
  expect(model.own.value).toBe(mine);
  expect(state.kept).toBe(mine);
});

test("what was kept is shown first, until ours is asked for", async () => {
  const { model, view, shown, state } = page(mine);
  await model.attach(view);
  await model.useOurs();
  expect(shown).toEqual([mine, "/default.vrm"]);
  expect(model.own.value).toBeNull();
  expect(state.kept).toBeNull();
});

test("a file that is none leaves the present one, and says why", async () => {
  const { model, view, state, problem } = page(mine);
  await model.attach(view);
  await model.choose(broken);
  expect(problem.value).toBe("This is no binary glTF file.");
  expect(model.own.value).toBe(mine);
  expect(state.kept).toBe(mine);
});

test("what was kept and cannot be read any more gives way to ours", async () => {
  const { model, view, shown, state } = page(broken);
  await model.attach(view);
  expect(shown).toEqual(["/default.vrm"]);
  expect(state.kept).toBeNull();
});

test("of two that are chosen at once the later one counts", async () => {
  const { model, view } = page();
  await model.attach(view);
  await Promise.all([model.choose(mine), model.choose(other)]);
  expect(model.own.value).toBe(other);
  expect(model.isLoading.value).toBe(false);
});

test("a file that comes while the kept one is still loading is neither lost nor taken for a failure", async () => {
  const { model, view, state } = page(mine);
  const waiting: (() => void)[] = [];
  const slow = {
    load: (source: string | Blob) =>
      view.load(source).then(() => new Promise<void>((go) => waiting.push(go))),
  };
  const attached = model.attach(slow);
  while (waiting.length < 1) await Promise.resolve();
  const chosen = model.choose(other);
  while (waiting.length < 2) await Promise.resolve();
  for (const go of waiting) go();
  await Promise.all([attached, chosen]);
  expect(model.own.value).toBe(other);
  expect(state.kept).toBe(other);
});

test("a model is kept before the page says that it is there", async () => {
  const { model, view, state } = page();
  await model.attach(view);
  const keptWhenSaid: (File | null)[] = [];
  model.own.watch(() => keptWhenSaid.push(state.kept));
  await model.choose(mine);
  expect(keptWhenSaid).toEqual([mine]);
});
