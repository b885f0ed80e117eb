import { storedAvatar } from "../storage/storedAvatar";
import type { StoredFile } from "../storage/storedFile";
import { Store } from "./Store";

/** What shows an avatar: `Host`. */
interface AvatarLoader {
  load(source: string | Blob): Promise<void>;
}

const DEFAULT_AVATAR = "default.vrm";

/** Which avatar is shown: the default, or the person's own VRM, which the browser stores once it could be loaded. */
export class AvatarSelection {
  /** The person's own VRM, if it is shown; `null`: the default avatar is. */
  readonly own = new Store<File | null>(null);
  readonly isLoading = new Store(false);
  private view: AvatarLoader | null = null;
  /** Counts the loads: one that another has overtaken changes nothing. */
  private generation = 0;

  /** `problem` is set to why an avatar could not be shown, one sentence; empty where it could. */
  constructor(
    private readonly problem: Store<string>,
    private readonly stored: StoredFile = storedAvatar,
  ) {}

  /** The file or the address of the avatar that is shown. */
  get source(): string | Blob {
    return this.own.value ?? DEFAULT_AVATAR;
  }

  /** Load what was shown last into a new view. */
  async attach(view: AvatarLoader): Promise<void> {
    this.view = view;
    const own = await this.stored.load();
    const outcome = await this.show(own);
    if (outcome === "shown") this.own.set(own);
    else if (own && outcome === "failed") await this.useDefault();
  }

  /** Show the person's own VRM from now on; the present avatar stays where it cannot be loaded. */
  async choose(file: File): Promise<void> {
    if ((await this.show(file)) !== "shown") return;
    const { generation } = this;
    // Stored before the page says so: who leaves then finds it again.
    await this.stored.save(file);
    if (generation === this.generation) this.own.set(file);
  }

  /** Show the default avatar, and delete the stored one. */
  async useDefault(): Promise<void> {
    if ((await this.show(null)) !== "shown") return;
    this.own.set(null);
    await this.stored.delete();
  }

  /** `null`: the default avatar. `overtaken`: another one was chosen meanwhile. */
  private async show(file: File | null): Promise<"shown" | "failed" | "overtaken"> {
    this.generation += 1;
    const { generation } = this;
    this.isLoading.set(true);
    this.problem.set("");
    const problem = await load(this.view, file ?? DEFAULT_AVATAR);
    if (generation !== this.generation) return "overtaken";
    this.isLoading.set(false);
    this.problem.set(problem);
    return problem ? "failed" : "shown";
  }
}

async function load(view: AvatarLoader | null, source: string | Blob): Promise<string> {
  try {
    await view?.load(source);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
