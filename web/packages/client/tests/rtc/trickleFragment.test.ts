import { expect, test } from "vitest";
import { trickleFragment } from "../../src/rtc/trickleFragment";

const offer = [
  "v=0",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:secretsecretsecretsecret",
  "a=mid:0",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:secretsecretsecretsecret",
  "a=mid:1",
  "",
].join("\r\n");

test("holds the offer's credentials once, one media section and the candidates", () => {
  const candidates = [
    { candidate: "candidate:1 1 udp 1 192.0.2.1 5 typ host", sdpMid: "0" },
    { candidate: "candidate:2 1 udp 2 192.0.2.2 6 typ relay", sdpMid: "0" },
  ];
  expect(trickleFragment(offer, candidates, true).split("\r\n")).toEqual([
    "a=ice-ufrag:abcd",
    "a=ice-pwd:secretsecretsecretsecret",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "a=mid:0",
    "a=candidate:1 1 udp 1 192.0.2.1 5 typ host",
    "a=candidate:2 1 udp 2 192.0.2.2 6 typ relay",
    "a=end-of-candidates",
    "",
  ]);
});

test("says that they are the last only when they are", () => {
  expect(trickleFragment(offer, [], false)).not.toContain("end-of-candidates");
});
