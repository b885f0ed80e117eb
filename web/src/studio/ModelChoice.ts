import { keptAvatar } from "../avatar/keptAvatar";
import type { KeptFile } from "../avatar/keptFile";
import { Store } from "./Store";

/** What shows a model: the view of the avatar. */
interface Showing {
  load(source: string | Blob): Promise<void>;
}

const OURS = "/default.vrm";

/** Which avatar is shown: ours, or the person's own, which the browser keeps once it proved to be one. */
export class ModelChoice {
  /** The file of the person's own that is shown; `null`: ours. */
  readonly own = new Store<File | null>(null);
  readonly isLoading = new Store(false);
  private view: Showing | null = null;
  private turn = 0;

  /** `problem` is told why one could not be shown, in a sentence; empty where it could. */
  constructor(
    private readonly problem: Store<string>,
    private readonly kept: KeptFile = keptAvatar,
  ) {}

  /** There is something to show it with: begin with what was shown last. */
  async attach(view: Showing): Promise<void> {
    this.view = view;
    const own = await this.kept.recall();
    const outcome = await this.show(own);
    if (outcome === "shown") this.own.set(own);
    else if (own && outcome === "failed") await this.useOurs();
  }

  /** Show the person's own from now on; the present one stays where that is none. */
  async choose(file: File): Promise<void> {
    if ((await this.show(file)) !== "shown") return;
    const { turn } = this;
    // Before the page says so: who leaves it then finds it again. Where storage is full or off it is shown until then.
    await this.kept.keep(file);
    if (turn === this.turn) this.own.set(file);
  }

  /** Back to ours, and forget the person's own. */
  async useOurs(): Promise<void> {
    if ((await this.show(null)) !== "shown") return;
    this.own.set(null);
    await this.kept.forget();
  }

  /** `overtaken`: another one was chosen meanwhile. */
  private async show(file: File | null): Promise<"shown" | "failed" | "overtaken"> {
    this.turn += 1;
    const turn = this.turn;
    this.isLoading.set(true);
    this.problem.set("");
    const problem = await load(this.view, file ?? OURS);
    if (turn !== this.turn) return "overtaken";
    this.isLoading.set(false);
    this.problem.set(problem);
    return problem ? "failed" : "shown";
  }
}

async function load(view: Showing | null, source: string | Blob): Promise<string> {
  try {
    await view?.load(source);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
