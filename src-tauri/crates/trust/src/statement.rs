//! What is signed or hashed.
//!
//! Bytes: the label, then each field, each as its length in bytes (32 bits, big-endian) and its bytes. Two different
//! statements never have the same bytes, and a signature under one label says nothing under another.

use ring::digest::{SHA256, digest};

/// Stands before every label, so that these keys sign nothing that another protocol could take for its own.
const PREFIX: &str = "landline/1/";

/// A statement being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    bytes: Vec<u8>,
}

impl Statement {
    /// A statement of the kind `label`, for example `dtls`.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self { bytes: Vec::new() }.field(format!("{PREFIX}{label}").as_bytes())
    }

    /// Adds one field.
    #[must_use]
    pub fn field(mut self, field: &[u8]) -> Self {
        // Fields are bounded by the messages in which they came, far below 4 GiB.
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(field);
        self
    }

    /// What is signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of [`Statement::bytes`].
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.bytes).as_ref());
        hash
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bytes_are_lengths_and_fields() {
        let statement = Statement::new("x").field(b"ab").field(b"");
        assert_eq!(
            statement.bytes(),
            b"\0\0\0\x0clandline/1/x\0\0\0\x02ab\0\0\0\0"
        );
    }

    proptest! {
        #[test]
        fn different_fields_give_different_bytes(
            a in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..4),
            b in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..4),
        ) {
            let write = |fields: &[Vec<u8>]| {
                fields.iter().fold(Statement::new("x"), |statement, field| statement.field(field))
            };
            prop_assert_eq!(a == b, write(&a) == write(&b));
        }
    }
}
