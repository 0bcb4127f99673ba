import type { Identity } from '../protocol/generated/Identity.ts';
import type { PageCertificate } from '../rtc/certificate.ts';
import { joinFields, makeIdentity } from '../trust/identity.ts';
import type { Signer } from '../trust/signer.ts';

/** What a page shows at the door of one meeting, and how it proves there that it is its own. */
export class Papers {
  readonly meetingId: string;
  readonly signer: Promise<Signer>;
  /** Of all links in that meeting. */
  readonly certificate: Promise<PageCertificate>;
  #identity: Promise<Identity> | null = null;

  constructor(meetingId: string, signer: Promise<Signer>, certificate: Promise<PageCertificate>) {
    this.meetingId = meetingId;
    this.signer = signer;
    this.certificate = certificate;
  }

  /** The same for as long as the page is in the meeting. */
  identity(): Promise<Identity> {
    this.#identity ??= this.#make();
    return this.#identity;
  }

  /** The signature by which the host with that certificate knows, from its nonce, that the key is ours. */
  async prove(host: string, nonce: Uint8Array): Promise<Proven> {
    const [identity, signer] = await Promise.all([this.identity(), this.signer]);
    return { identity, proof: await signer.sign('join', joinFields(this.meetingId, host, nonce, identity.fingerprint)) };
  }

  async #make(): Promise<Identity> {
    const [signer, { fingerprint }] = await Promise.all([this.signer, this.certificate]);
    return makeIdentity(signer, this.meetingId, fingerprint);
  }
}

export interface Proven {
  readonly identity: Identity;
  readonly proof: string;
}
