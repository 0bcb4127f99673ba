//! views → components → {room, media, layout}; room → {signaling, rtc, media, trust}; {rtc, backend} → trust; all → {shared, protocol}. Svelte stays in
//! components/, views/ and main.ts; Tauri in backend/tauri.ts; folders form no cycles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

use super::imports::{Import, imports};

/// A folder of ui/src and the folders that it may import besides itself and [`COMMON`].
const ALLOWED: [(&str, &[&str]); 15] = [
    (
        "views",
        &[
            "components",
            "app",
            "room",
            "media",
            "layout",
            "i18n",
            "backend",
            "settings",
            "styles",
        ],
    ),
    ("components", &["room", "media", "layout", "i18n", "styles"]),
    (
        "app",
        &[
            "room",
            "media",
            "backend",
            "settings",
            "signaling",
            "rtc",
            "i18n",
        ],
    ),
    (
        "room",
        &["signaling", "rtc", "media", "trust", "backend", "settings"],
    ),
    ("signaling", &["backend"]),
    ("rtc", &["trust"]),
    ("trust", &[]),
    ("media", &[]),
    ("backend", &["trust"]),
    ("settings", &["backend"]),
    ("layout", &[]),
    ("i18n", &["settings"]),
    ("styles", &[]),
    ("shared", &[]),
    ("protocol", &[]),
];

/// What everybody may import: words, numbers and small values that act on nothing.
const COMMON: [&str; 2] = ["shared", "protocol"];
/// Files that hold only types, by which a lower folder says what it does for a higher one. Imports of types from them are free.
const MODELS: [&str; 2] = ["room/model.ts", "signaling/seat-model.ts"];
/// Who may know Svelte, and packages that are made of it.
const SVELTE: [&str; 3] = ["components", "views", "main.ts"];
/// The one file that knows Tauri.
const TAURI: &str = "backend/tauri.ts";

/// One source below ui/src.
#[derive(Debug)]
pub(super) struct Source {
    /// From ui/src, with `/`.
    pub(super) path: String,
    pub(super) imports: Vec<Import>,
}

/// Reads all sources but tests, which may reach for anything.
pub(super) fn read(src: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders = vec![src.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if is_source(&path) {
                let relative = slashes(path.strip_prefix(src)?);
                let imports = imports(&relative, &fs::read_to_string(&path)?);
                sources.push(Source {
                    path: relative,
                    imports,
                });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn is_source(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("ts" | "js" | "svelte"))
        && !name.ends_with(".test.ts")
        && !name.ends_with(".d.ts")
}

/// Findings about imports.
pub(super) fn lint(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Source { path, imports } in sources {
        let from = folder(path);
        if from != "main.ts" && !ALLOWED.iter().any(|(known, _)| *known == from) {
            findings.push(format!("{path}: no rule says what {from} may import"));
            continue;
        }
        for Import {
            specifier,
            type_only,
        } in imports
        {
            let Some(to) = resolve(path, specifier) else {
                findings.extend(package(path, &from, specifier));
                continue;
            };
            if to.starts_with("..") {
                findings.push(format!("{path} imports {specifier}: outside ui/src"));
                continue;
            }
            let to_folder = folder(&to);
            if is_component(&to) && !SVELTE.contains(&from.as_str()) {
                findings.push(format!(
                    "{path} imports {to}: components are for components, views and main.ts"
                ));
            }
            if to_folder == from || (*type_only && MODELS.contains(&to.as_str())) {
                continue;
            }
            if !may_import(&from, &to_folder) {
                findings.push(format!(
                    "{path} imports {to}: {from} may not know {to_folder}"
                ));
            }
            edges.entry(from.clone()).or_default().insert(to_folder);
        }
    }
    findings.extend(cycle(&edges).map(|path| format!("folders in a circle: {}", path.join(" → "))));
    findings
}

fn may_import(from: &str, to: &str) -> bool {
    let listed = || {
        ALLOWED
            .iter()
            .any(|(folder, allowed)| *folder == from && allowed.contains(&to))
    };
    // Shared values know nothing of the protocol, and it nothing of them.
    from == "main.ts" || (COMMON.contains(&to) && from != "protocol") || listed()
}

/// A finding about a package, if there is one.
fn package(path: &str, from: &str, specifier: &str) -> Option<String> {
    if specifier.starts_with("@tauri-apps/") && path != TAURI {
        return Some(format!(
            "{path} imports {specifier}: only {TAURI} may know Tauri"
        ));
    }
    let is_svelte = specifier == "svelte"
        || specifier.starts_with("svelte/")
        || specifier.ends_with("/svelte")
        || specifier.contains("/svelte/");
    (is_svelte && !SVELTE.contains(&from)).then(|| {
        format!("{path} imports {specifier}: Svelte stays in components, views and main.ts")
    })
}

/// The file that a relative specifier means, from ui/src; `None` for a package.
fn resolve(path: &str, specifier: &str) -> Option<String> {
    if !specifier.starts_with('.') {
        return None;
    }
    // `?url`, `?raw` and the like are Vite's.
    let specifier = specifier.split('?').next().unwrap_or(specifier);
    let mut place = PathBuf::from(path);
    place.pop();
    for component in Path::new(specifier).components() {
        match component {
            Component::ParentDir if place.file_name().is_some() => {
                place.pop();
            }
            Component::CurDir => {}
            other => place.push(other),
        }
    }
    Some(slashes(&place))
}

/// The first folder of a path below ui/src; a file that lies there stands for itself.
fn folder(path: &str) -> String {
    path.split('/').next().unwrap_or(path).to_owned()
}

fn is_component(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "svelte")
}

fn slashes(path: &Path) -> String {
    path.components()
        .map(|component| component.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

/// A way round, if the edges have one.
fn cycle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn visit<'a>(
        at: &'a str,
        edges: &'a BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|&seen| seen == at) {
            let round = way.iter().skip(start).chain([&at]);
            return Some(round.map(|&name| name.to_owned()).collect());
        }
        if !done.insert(at) {
            return None;
        }
        way.push(at);
        let found = edges
            .get(at)
            .into_iter()
            .flatten()
            .find_map(|next| visit(next, edges, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    edges
        .keys()
        .find_map(|start| visit(start, edges, &mut Vec::new(), &mut done))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            imports: imports(path, text),
        }
    }

    fn findings(path: &str, text: &str) -> Vec<String> {
        lint(&[source(path, text)])
    }

    #[test]
    fn the_house_as_designed_is_in_order() {
        let sources = [
            source(
                "main.ts",
                "import { mount } from 'svelte'; import App from './views/App.svelte';",
            ),
            source(
                "views/Room.svelte",
                "<script>import Tile from '../components/Tile.svelte'; import { grid } from '../layout/grid.ts';</script>",
            ),
            source(
                "room/meeting.ts",
                "import { mesh } from '../rtc/mesh.ts'; import { writable } from '../shared/store.ts';",
            ),
            source(
                "media/preview.ts",
                "import type { Preview } from '../room/model.ts';",
            ),
            source(
                "backend/tauri.ts",
                "import { invoke } from '@tauri-apps/api/core';",
            ),
        ];
        assert_eq!(lint(&sources), Vec::<String>::new());
    }

    #[test]
    fn an_import_upwards_is_found() {
        assert_eq!(
            findings(
                "rtc/mesh.ts",
                "import { meeting } from '../room/meeting.ts';"
            )
            .len(),
            1
        );
        assert_eq!(
            findings("layout/grid.ts", "import { x } from '../media/devices.ts';").len(),
            1
        );
        assert_eq!(
            findings("components/a.ts", "import { app } from '../app/app.ts';").len(),
            1
        );
        assert_eq!(
            findings("shared/a.ts", "import { x } from '../i18n/x.ts';").len(),
            1
        );
    }

    #[test]
    fn a_value_from_a_model_counts_and_a_type_does_not() {
        assert_eq!(
            findings("media/a.ts", "import { limit } from '../room/model.ts';").len(),
            1
        );
        assert!(
            findings(
                "media/a.ts",
                "import type { Preview } from '../room/model.ts';"
            )
            .is_empty()
        );
    }

    #[test]
    fn svelte_below_the_components_is_found() {
        assert_eq!(
            findings("room/a.ts", "import { writable } from 'svelte/store';").len(),
            1
        );
        assert_eq!(
            findings("media/a.ts", "import { Mic } from '@lucide/svelte';").len(),
            1
        );
        assert_eq!(
            findings("app/a.ts", "import Tile from '../components/Tile.svelte';").len(),
            2
        );
    }

    #[test]
    fn tauri_outside_its_file_is_found() {
        assert_eq!(
            findings(
                "backend/loopback.ts",
                "import { invoke } from '@tauri-apps/api/core';"
            )
            .len(),
            1
        );
        assert_eq!(
            findings(
                "main.ts",
                "const api = await import('@tauri-apps/api/core');"
            )
            .len(),
            1
        );
    }

    #[test]
    fn a_circle_of_folders_is_found_with_its_way() {
        let sources = [
            source("settings/a.ts", "import { b } from '../backend/b.ts';"),
            source("backend/b.ts", "import { a } from '../settings/a.ts';"),
        ];
        let findings = lint(&sources);
        assert!(
            findings
                .iter()
                .any(|finding| finding.contains("backend → settings → backend")),
            "{findings:?}"
        );
    }

    #[test]
    fn a_folder_without_a_rule_and_a_way_out_of_the_house_are_found() {
        assert_eq!(findings("utils/a.ts", "").len(), 1);
        assert_eq!(
            findings("shared/a.ts", "import x from '../../e2e/x.ts';").len(),
            1
        );
    }
}
