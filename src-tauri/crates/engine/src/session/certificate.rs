//! The DTLS certificate: self-signed, one for the life of an engine (RFC 8827 §6.5).

use str0m::config::{CryptoProvider, DtlsCert};

#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) dtls: DtlsCert,
    /// SHA-256 of it, as descriptions carry it (RFC 8122).
    pub(crate) fingerprint: [u8; 32],
}

impl Certificate {
    /// None: the crypto library makes none.
    pub(crate) fn generate() -> Option<Self> {
        let provider: CryptoProvider = str0m::crypto::from_feature_flags();
        let dtls = provider.dtls_provider.generate_certificate()?;
        let fingerprint = provider.sha256_provider.sha256(&dtls.certificate);
        Some(Self { dtls, fingerprint })
    }
}
