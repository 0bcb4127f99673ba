/**
 * RTCConfiguration (W3C webrtc §4.2.1). The engine speaks to the chosen interfaces of this machine and bundles everything
 * on one transport; what would need something else is refused.
 *
 * @throws DOMException NotSupportedError for a policy that cannot be kept
 */
export function checkConfiguration(init: RTCConfiguration): RTCConfiguration {
  const refused = (what: string): never => {
    throw new DOMException(`${what} is not possible here`, 'NotSupportedError');
  };
  if (init.iceTransportPolicy === 'relay') refused('relaying all traffic');
  if ((init.rtcpMuxPolicy ?? 'require') !== 'require') refused('RTCP on a port of its own');
  if ((init.certificates ?? []).length > 0) refused('a certificate of the page');
  return {
    bundlePolicy: init.bundlePolicy ?? 'balanced',
    iceCandidatePoolSize: init.iceCandidatePoolSize ?? 0,
    iceServers: (init.iceServers ?? []).map((server) => ({ ...server })),
    iceTransportPolicy: 'all',
    rtcpMuxPolicy: 'require',
    certificates: [],
  };
}

/** @throws DOMException InvalidModificationError for what cannot change (W3C webrtc §4.4.1.6) */
export function changeConfiguration(before: RTCConfiguration, init: RTCConfiguration): RTCConfiguration {
  const after = checkConfiguration(init);
  if (after.bundlePolicy !== before.bundlePolicy || after.iceCandidatePoolSize !== before.iceCandidatePoolSize) {
    throw new DOMException('bundling and pool stay as they were made', 'InvalidModificationError');
  }
  return after;
}
