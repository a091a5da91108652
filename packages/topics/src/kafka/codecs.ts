import { createRequire } from "node:module";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import kafkajs from "kafkajs";
import { compressFrame, decompressFrame } from "lz4-napi";

/** What kafkajs asks of a codec; its encoder holds the bytes to compress. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

const compressZstd = promisify(zstdCompress);
const decompressZstd = promisify(zstdDecompress);
// Far above what a broker takes in one batch: a small one must not unfold into all of the memory.
const unfoldedBytesMax = 64 * 1_048_576;
const level = { [constants.ZSTD_c_compressionLevel]: 3 };

const zstd: Codec = {
  compress: async ({ buffer }) => await compressZstd(buffer, { params: level }),
  decompress: async (buffer) => await decompressZstd(buffer, { maxOutputLength: unfoldedBytesMax }),
};

const lz4: Codec = {
  compress: async ({ buffer }) => await compressFrame(buffer),
  decompress: async (buffer) => await decompressFrame(buffer),
};

/** kafkajs brings gzip alone: one batch of another kind would end the consumer. Safe to repeat. */
export function registerCodecs(): void {
  // It has no types.
  const require = createRequire(import.meta.url);
  const snappy = require("kafkajs-snappy") as () => Codec;
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = snappy;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
}
