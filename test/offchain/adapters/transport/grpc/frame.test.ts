import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { MethodDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import fc from "fast-check";
import { decodeFrame, encodeFrame, type Frame, OPEN } from "../../../../../offchain/adapters/transport/grpc/frame.ts";

const PROTO = fileURLToPath(new URL("../../../../../offchain/adapters/transport/grpc/frames.proto", import.meta.url));

/** What a compiler makes of the .proto file. */
function compiled(): MethodDefinition<Frame, Frame> {
  const service = loadSync(PROTO)["parley.transport.v1.Channels"];
  assert.ok(service !== undefined && !("format" in service));
  const open = service["Open"];
  assert.ok(open !== undefined);
  // The compiler's types know no messages.
  return open as MethodDefinition<Frame, Frame>;
}

describe("gRPC's frames", () => {
  it("are those of frames.proto", () => {
    const { path, requestStream, responseStream } = compiled();
    assert.deepEqual(
      { path, requestStream, responseStream },
      { path: OPEN.path, requestStream: OPEN.requestStream, responseStream: OPEN.responseStream },
    );
  });

  it("are read and written as a compiler's code does, whatever they hold", () => {
    const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } = compiled();
    for (const [serialize, deserialize] of [
      [requestSerialize, requestDeserialize],
      [responseSerialize, responseDeserialize],
    ] as const) {
      const check = (content: Uint8Array) => {
        const bytes = encodeFrame({ content });
        assert.ok(bytes.equals(serialize({ content })));
        assert.ok(Buffer.from(content).equals(decodeFrame(bytes).content));
        assert.ok(Buffer.from(content).equals(deserialize(bytes).content));
      };
      fc.assert(fc.property(fc.uint8Array(), check));
      // Either side of where a length takes one byte more.
      for (const length of [127, 128, 16_383, 16_384, 65_536, 1 << 20]) check(new Uint8Array(length).fill(length));
    }
    assert.deepEqual(decodeFrame(new Uint8Array()), { content: new Uint8Array() });
  });

  it("are read or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        try {
          const { content } = decodeFrame(bytes);
          assert.ok(
            bytes.length === 0 ||
              Buffer.from(bytes)
                .subarray(-content.length || bytes.length)
                .equals(content),
          );
        } catch (thrown) {
          assert.ok(thrown instanceof Error && "code" in thrown);
          assert.equal(thrown.code, "Malformed");
        }
      }),
    );
  });

  const rubbish: readonly (readonly [what: string, hex: string])[] = [
    ["another field", "1201ff"],
    ["a field more", "0a01ff1201ff"],
    ["the content twice", "0a01ff0a01ff"],
    ["content that is cut off", "0a05ff"],
    ["a length that is cut off", "0aff"],
    ["a length that never ends", "0affffffffffffff7f"],
  ];
  for (const [what, hex] of rubbish) {
    it(`are not ${what}`, () => {
      assert.throws(() => decodeFrame(Buffer.from(hex, "hex")), { name: "ParleyError", code: "Malformed" });
    });
  }
});
