//! What tells a TLS connection from all others (RFC 9266).

use landline_trust::pake::{EXPORTER_BYTES, EXPORTER_LABEL, Exporter};
use rustls::{ConnectionCommon, ProtocolVersion};

/// The channel binding `tls-exporter` of a connection past its handshake, the same at both of its ends. None before TLS 1.3:
/// there it is good only with the extended master secret (RFC 9266 §4.2), which cannot be asked for.
#[must_use]
pub fn exporter_of<D>(connection: &ConnectionCommon<D>) -> Option<Exporter> {
    if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return None;
    }
    connection
        .export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, Some(&[]))
        .ok()
        .map(Exporter)
}
