import { expect, test } from "vitest";
import { withToken } from "../../src/state/withToken";
import { splitToken } from "../../src/storage/splitToken";

test.each([
  ["https://h/p/?room=a#access_token=t.o-k_n", "https://h/p/?room=a"],
  ["https://h/p/?room=a#x=1&access_token=t.o-k_n", "https://h/p/?room=a#x=1"],
  ["https://h/avatar.html?access_token=t.o-k_n&room=a", "https://h/avatar.html?room=a"],
])("the token is taken out of %s", (address, rest) => {
  expect(splitToken(address)).toEqual({ token: "t.o-k_n", rest });
});

test("an address without a token stays as it is", () => {
  expect(splitToken("https://h/?room=a#there")).toEqual({ token: "", rest: "https://h/?room=a#there" });
});

test("a secret survives its way through an address, also one that a person wrote", () => {
  const secret = "a+secret/with.all_its~signs-";
  expect(splitToken(withToken("https://h/?room=a", secret)).token).toBe(secret);
  expect(splitToken(`https://h/?room=a#access_token=${secret}`).token).toBe(secret);
});
