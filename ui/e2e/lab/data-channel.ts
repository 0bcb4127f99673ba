import type { PageDriver } from './page-driver.ts';

/**
 * A data channel between two pages, on connections that the test makes beside those of the meeting, since Landline has none of
 * its own. Descriptions travel through the test, with their candidates.
 */

declare global {
  interface Window {
    labChannel?: { peer: RTCPeerConnection; channel: Promise<RTCDataChannel>; heard: string[] };
  }
}

/** Runs in the page. Says what was heard: text as it is, binary as its length and the sum of its bytes. */
async function begin(remoteOffer: RTCSessionDescriptionInit | null): Promise<RTCSessionDescriptionInit> {
  window.labChannel?.peer.close();
  const peer = new RTCPeerConnection();
  const heard: string[] = [];
  const listen = (channel: RTCDataChannel): RTCDataChannel => {
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') heard.push(`text ${data}`);
      else heard.push(`binary ${data.byteLength} ${new Uint8Array(data).reduce((sum, byte) => sum + byte, 0)}`);
    };
    return channel;
  };
  const opened = (channel: RTCDataChannel): Promise<RTCDataChannel> =>
    new Promise((resolve) => {
      if (channel.readyState === 'open') resolve(channel);
      channel.onopen = () => {
        resolve(channel);
      };
    });
  const channel =
    remoteOffer === null
      ? opened(listen(peer.createDataChannel('lab')))
      : new Promise<RTCDataChannel>((resolve) => {
          peer.ondatachannel = (event) => {
            resolve(opened(listen(event.channel)));
          };
        });
  window.labChannel = { peer, channel, heard };
  if (remoteOffer !== null) await peer.setRemoteDescription(remoteOffer);
  await peer.setLocalDescription();
  await new Promise<void>((resolve) => {
    const check = (): void => {
      if (peer.iceGatheringState === 'complete') resolve();
    };
    peer.addEventListener('icegatheringstatechange', check);
    check();
  });
  const { type, sdp } = peer.localDescription ?? { type: 'offer' as const, sdp: '' };
  return { type, sdp };
}

/** Makes the channel; the first page offers. */
export async function openChannel(offering: PageDriver, answering: PageDriver): Promise<void> {
  const offer = await offering.evaluate(begin, null);
  const answer = await answering.evaluate(begin, offer);
  await offering.evaluate(async (description) => {
    await window.labChannel?.peer.setRemoteDescription(description);
  }, answer);
  for (const page of [offering, answering]) {
    await page.evaluate(async () => {
      await window.labChannel?.channel;
    });
  }
}

/** Sends a text and so many bytes. */
export async function sendOver(page: PageDriver, text: string, bytes: number): Promise<void> {
  await page.evaluate(
    async ([said, length]) => {
      const channel = await window.labChannel?.channel;
      channel?.send(said);
      channel?.send(new Uint8Array(length).map((_, index) => index));
    },
    [text, bytes] as const,
  );
}

export function heardOver(page: PageDriver): Promise<string[]> {
  return page.evaluate(() => window.labChannel?.heard ?? []);
}

/** What the receiver of {@link sendOver} hears. */
export function expectedOf(text: string, bytes: number): string[] {
  const sum = new Uint8Array(bytes).map((_, index) => index).reduce((total, byte) => total + byte, 0);
  return [`text ${text}`, `binary ${bytes} ${sum}`];
}

/** Ends both connections. */
export async function closeChannel(...pages: PageDriver[]): Promise<void> {
  for (const page of pages) {
    await page.evaluate(() => {
      window.labChannel?.peer.close();
      delete window.labChannel;
    });
  }
}
