import { isPixelFormat, type Picture } from './pixels.ts';

/**
 * The planes of a frame, in memory of that many bytes. Null: a format that can only be drawn, such as one that lies
 * in the memory of the graphics card. The frame stays the caller's.
 */
export async function readPicture(frame: VideoFrame, memory: (size: number) => Uint8Array<ArrayBuffer>): Promise<Picture | null> {
  const { format, visibleRect } = frame;
  if (!isPixelFormat(format) || visibleRect === null) return null;
  const bytes = memory(frame.allocationSize());
  const planes = await frame.copyTo(bytes);
  return { format, width: visibleRect.width, height: visibleRect.height, planes, bytes };
}
