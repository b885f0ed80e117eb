import { expect, test } from "vitest";
import { withStartBitrate } from "../../src/rtc/withStartBitrate";

const answer = [
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96",
  "a=rtpmap:102 H264/90000",
  "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f",
  "",
].join("\r\n");

test("every video codec begins at the bitrate, retransmission is left alone", () => {
  expect(withStartBitrate(answer, 1500).split("\r\n")).toEqual([
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102",
    "a=rtpmap:96 VP8/90000",
    "a=fmtp:96 x-google-start-bitrate=1500",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=rtpmap:102 H264/90000",
    "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=1500",
    "",
  ]);
});
