//! Builds the Tauri context. Capabilities and permissions live in src-tauri/, not at the root where Tauri would look for them.

use tauri_build::{AppManifest, Attributes};

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    // The page is embedded at compile time, and nothing else makes cargo embed a new one. A path that does not exist would
    // count as changed at every build; an empty folder means the same as none.
    let _ = std::fs::create_dir_all("ui/dist");
    println!("cargo:rerun-if-changed=ui/dist");

    let attributes = Attributes::new()
        .app_manifest(
            AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*.toml"),
        )
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json");
    if let Err(error) = tauri_build::try_build(attributes) {
        eprintln!("{error:#}");
        std::process::exit(1);
    }
}
