//! Rules of this project that no other tool knows. Each lint gives its findings as lines for people.
//!
//! - [`crates`]: which crate may depend on which, and on which libraries
//! - [`modules`]: which folder of ui/src may import which; [`imports`] reads them
//! - [`hygiene`]: what may not stand in any file
//! - [`licences`]: where dependencies come from, and under which licences

use anyhow::{Result, bail};

mod crates;
mod hygiene;
mod imports;
mod licences;
mod modules;

use crate::shell::root;

/// Who may depend on whom, in Rust and in TypeScript.
pub(crate) fn directions() -> Result<()> {
    let mut findings = crates::lint(&crates::read()?);
    findings.extend(crates::lint_clocks(&root())?);
    findings.extend(modules::lint(&modules::read(&root().join("ui/src"))?));
    report(
        &findings,
        "docs/ARCHITECTURE.md says who may depend on whom; src-tauri/xtask/src/lint holds the rules",
    )
}

/// What may not stand in the repository.
pub(crate) fn hygiene() -> Result<()> {
    report(
        &hygiene::lint(&root())?,
        "the rules and their exceptions: src-tauri/xtask/src/lint/hygiene.rs",
    )
}

/// Where dependencies come from, and under which licences.
pub(crate) fn licences() -> Result<()> {
    report(
        &licences::lint(&root())?,
        "what is allowed: src-tauri/xtask/src/lint/licences.rs",
    )
}

fn report(findings: &[String], where_to_look: &str) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    bail!("  {}\n({where_to_look})", findings.join("\n  "))
}
