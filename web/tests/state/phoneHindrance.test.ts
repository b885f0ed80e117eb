import { expect, test } from "vitest";
import { phoneHindrance } from "../../src/state/phoneHindrance";

test.each([
  ["http://192.168.1.20:8080/", "--tls-self-signed"],
  ["https://localhost:8443/", "is the phone itself"],
  ["https://127.0.0.1/", "is the phone itself"],
  ["https://[::1]/", "is the phone itself"],
])("%s is of no use to a phone", (address, why) => {
  expect(phoneHindrance(new URL(address))).toContain(why);
});

test.each(["https://192.168.1.20:8443/", "https://studio.example/motion/"])("%s is", (address) => {
  expect(phoneHindrance(new URL(address))).toBe("");
});
