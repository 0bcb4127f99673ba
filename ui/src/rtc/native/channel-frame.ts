/**
 * Messages of data channels as binary frames between page and engine: `engine_api.rs`, "Binary frames". Little-endian, a header of
 * 16 bytes. Pure.
 */

const HEADER = 16;
const FRAME_CHANNEL = 4;
const FLAG_BINARY = 4;

export interface ChannelFrame {
  connection: number;
  channel: number;
  /** Text, or bytes of its own. */
  data: string | ArrayBuffer;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param data text as UTF-8 when `binary` is false */
export function encodeChannelFrame(connection: number, channel: number, binary: boolean, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER + data.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint8(0, FRAME_CHANNEL);
  view.setUint8(1, binary ? FLAG_BINARY : 0);
  view.setUint32(4, connection, true);
  view.setUint32(8, channel, true);
  frame.set(data, HEADER);
  return frame;
}

/** Null if it is not a message of a data channel. */
export function decodeChannelFrame(frame: ArrayBuffer): ChannelFrame | null {
  if (frame.byteLength < HEADER) return null;
  const view = new DataView(frame);
  if (view.getUint8(0) !== FRAME_CHANNEL) return null;
  const binary = (view.getUint8(1) & FLAG_BINARY) !== 0;
  return {
    connection: view.getUint32(4, true),
    channel: view.getUint32(8, true),
    data: binary ? frame.slice(HEADER) : decoder.decode(new Uint8Array(frame, HEADER)),
  };
}

/** Text as the engine takes it. */
export function utf8(message: string): Uint8Array {
  return encoder.encode(message);
}
