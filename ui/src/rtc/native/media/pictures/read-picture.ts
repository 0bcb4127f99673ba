import { isPixelFormat, type Picture } from './pixels.ts';

/**
 * The planes of a frame, in `spare` if that is large enough. Null: a format that can only be drawn, such as one that lies
 * in the memory of the graphics card. The frame stays the caller's.
 */
export async function readPicture(frame: VideoFrame, spare: Uint8Array<ArrayBuffer> | null): Promise<Picture | null> {
  const { format, visibleRect } = frame;
  if (!isPixelFormat(format) || visibleRect === null) return null;
  const size = frame.allocationSize();
  const bytes = spare !== null && spare.length >= size ? spare : new Uint8Array(size);
  const planes = await frame.copyTo(bytes);
  return { format, width: visibleRect.width, height: visibleRect.height, planes, bytes };
}
