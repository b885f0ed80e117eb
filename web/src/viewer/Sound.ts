/** The room's sound: plays where that was asked for and the browser lets it, else at a click. */
export class Sound {
  private readonly audio = new Audio();

  /** `isWanted`: play it at once; else it waits for the button, which is there as soon as there is sound. */
  constructor(
    private readonly button: HTMLButtonElement,
    private isWanted: boolean,
  ) {
    button.addEventListener("click", () => this.toggle());
  }

  /** Whether it is heard. */
  get isPlaying(): boolean {
    return !this.audio.paused;
  }

  /** Go on with another session's sound. */
  follow(stream: MediaStream): void {
    this.audio.srcObject = stream;
    const [track] = stream.getAudioTracks();
    // A track is muted until something comes.
    if (track.muted) track.addEventListener("unmute", () => this.show(), { once: true });
    else this.show();
    if (this.isWanted) void this.play();
  }

  private toggle(): void {
    this.isWanted = !this.isPlaying;
    if (this.isWanted) void this.play();
    else this.audio.pause();
    this.show();
  }

  private async play(): Promise<void> {
    try {
      await this.audio.play();
    } catch (error) {
      // Browsers want a click on the page first. Other errors are of a stream that another one has replaced.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.isWanted = false;
    }
    this.show();
  }

  private show(): void {
    this.button.hidden = false;
    this.button.textContent = this.isPlaying ? "Mute" : "Turn the sound on";
    this.button.classList.toggle("is-off", !this.isPlaying);
  }
}
