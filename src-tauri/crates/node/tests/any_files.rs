//! Whatever lies in the node's folder: it starts, says what it could not read, and works.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::fs;
use std::path::Path;

use landline_protocol::settings::Settings;
use proptest::prelude::*;
use support::{folder, node_in};

const FILES: [&str; 4] = [
    "settings.json",
    "identity.json",
    "known-hosts.json",
    "people.json",
];

/// Files as earlier runs leave them, of whose bytes some are others, or missing.
#[derive(Debug, Clone)]
enum Damage {
    Bytes(Vec<u8>),
    Changed(prop::sample::Index, u8),
    Cut(prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Damage::Bytes),
        (any::<prop::sample::Index>(), any::<u8>())
            .prop_map(|(at, byte)| Damage::Changed(at, byte)),
        any::<prop::sample::Index>().prop_map(Damage::Cut),
    ]
}

fn spoil(path: &Path, damage: &Damage) {
    let mut whole = fs::read(path).unwrap_or_default();
    if whole.is_empty() {
        whole = b"[{}]".to_vec();
    }
    let spoilt = match damage {
        Damage::Bytes(bytes) => bytes.clone(),
        Damage::Changed(at, byte) => {
            let mut bytes = whole;
            let at = at.index(bytes.len());
            bytes[at] = *byte;
            bytes
        }
        Damage::Cut(at) => whole[..at.index(whole.len())].to_vec(),
    };
    fs::write(path, spoilt).unwrap();
}

proptest! {
    // A key is made each time that it cannot be read.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_node_starts_whatever_is_in_its_files(damages in prop::collection::vec((0..FILES.len(), damage()), 1..4)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let dir = folder();
            node_in(dir.path(), 0).await.shutdown().await;
            for (file, damage) in &damages {
                spoil(&dir.path().join(FILES[*file]), damage);
            }
            let node = node_in(dir.path(), 0).await;
            let settings: Settings = node.settings();
            assert!(settings.name.chars().count() <= landline_protocol::limits::NAME_CHARS);
            assert!(node.local_url(None).await.is_ok());
            node.shutdown().await;
        });
    }
}
