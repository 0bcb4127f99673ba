/** RTCError (W3C webrtc §11): an OperationError with what it was about. */
export class NativeError extends DOMException {
  readonly errorDetail: RTCErrorDetailType;

  constructor(init: { errorDetail: RTCErrorDetailType }, message = '') {
    super(message, 'OperationError');
    this.errorDetail = init.errorDetail;
  }
}

/** RTCErrorEvent (W3C webrtc §11.3). */
export class NativeErrorEvent extends Event {
  readonly error: NativeError;

  constructor(type: string, init: EventInit & { error: NativeError }) {
    super(type, init);
    this.error = init.error;
  }
}
