import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  readonly stream: MediaStream | null;
  readonly class: string;
  readonly label: string;
  readonly videoRef?: RefObject<HTMLVideoElement | null>;
}

/** A live stream, muted and inline: what every browser plays without a click. */
export function StreamVideo({ stream, class: className, label, videoRef }: Props) {
  const own = useRef<HTMLVideoElement>(null);
  const ref = videoRef ?? own;
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    const show = (shown: MediaStream | null): void => {
      // Properties, not attributes: Safari looks at them when the stream is set.
      video.muted = true;
      video.srcObject = shown;
      // Refused when the element is gone before it began: nothing to do.
      if (shown) video.play().catch(() => undefined);
    };
    // A page counts as loading for as long as one of its videos waits for a first picture.
    const pending = stream?.getVideoTracks().find((track) => track.muted);
    show(pending ? null : stream);
    const unmuted = () => show(stream);
    pending?.addEventListener("unmute", unmuted, { once: true });
    return () => pending?.removeEventListener("unmute", unmuted);
  }, [stream, ref]);
  return (
    <video
      ref={ref}
      class={className}
      aria-label={label}
      playsInline
      muted
      autoPlay
      disablePictureInPicture
    />
  );
}
