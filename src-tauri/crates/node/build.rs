//! Makes cargo embed the UI anew when it was built anew.

use std::path::Path;

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/dist");
    // A path that does not exist counts as changed at every build, and this crate would be compiled each time until the
    // UI is built. The folder is ignored by git, and an empty one means the same as none.
    let _ = std::fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed=../../../ui/dist");
    println!("cargo::rerun-if-changed=build.rs");
}
