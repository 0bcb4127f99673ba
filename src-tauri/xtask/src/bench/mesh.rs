//! `cargo xtask bench mesh`: meetings of real browsers, of one browser with bots, and what encoding for many costs.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::{clip, pages};

/// A mesh of real browsers is measured on one machine; more do not fit in its memory.
const MOST_PEOPLE: u32 = 12;
/// The room's limit, less the one browser.
const MOST_BOTS: u32 = 31;

#[derive(Debug, PartialEq)]
struct Mesh {
    people: Vec<u32>,
    bots: Vec<u32>,
    encoders: bool,
    seconds: u32,
    runs: u32,
    video: Option<PathBuf>,
    one_browser: bool,
    sides: Vec<&'static str>,
}

pub(super) fn bench(args: &[String]) -> Result<ExitCode> {
    let mesh = read(args)?;
    pages::prepare()?;
    let film = clip::clip(mesh.video.as_deref())?;
    let out = clip::folder()?.join("mesh.json");
    // Of an earlier run; there may be none.
    std::fs::remove_file(&out).ok();
    let options = json!({
        "people": mesh.people,
        "bots": mesh.bots,
        "encoders": mesh.encoders,
        "seconds": mesh.seconds,
        "runs": mesh.runs,
        "clip": pages::text(&film.raw),
        // Bots have a picture of their own in three sizes; a film that was asked for takes its place.
        "footage": mesh.video.is_some().then(|| pages::text(&film.encoded)),
        "browsers": if mesh.one_browser { "one" } else { "each" },
        "sides": mesh.sides,
        "baseline": pages::text(&pages::baseline_folder()),
        "out": pages::text(&out),
    });
    pages::measure("e2e/bench/mesh.bench.ts", &options)?;
    std::fs::metadata(&out)
        .with_context(|| format!("{} is missing: nothing was measured", out.display()))?;
    println!("All of it: {}", out.display());
    Ok(ExitCode::SUCCESS)
}

fn read(args: &[String]) -> Result<Mesh> {
    let mut mesh = Mesh {
        people: Vec::new(),
        bots: Vec::new(),
        encoders: false,
        seconds: 15,
        runs: 3,
        video: None,
        one_browser: false,
        sides: vec!["landline", "baseline"],
    };
    let mut rest = args.iter();
    while let Some(flag) = rest.next() {
        match flag.as_str() {
            "--encoders" => mesh.encoders = true,
            "--one-browser" => mesh.one_browser = true,
            "--without-baseline" => mesh.sides.retain(|side| *side != "baseline"),
            "--people" => mesh.people = pages::numbers(flag, rest.next(), 2, MOST_PEOPLE)?,
            "--bots" => mesh.bots = pages::numbers(flag, rest.next(), 1, MOST_BOTS)?,
            "--seconds" => mesh.seconds = pages::number(flag, rest.next(), 1, 600)?,
            "--runs" => mesh.runs = pages::number(flag, rest.next(), 1, 99)?,
            "--video" => {
                mesh.video = Some(PathBuf::from(rest.next().context("--video takes a file")?));
            }
            unknown => bail!("unknown argument {unknown:?}; `cargo xtask help`"),
        }
    }
    if mesh.people.is_empty() && mesh.bots.is_empty() && !mesh.encoders {
        mesh.people = vec![2, 4, 6];
    }
    Ok(mesh)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Mesh> {
        read(
            &text
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn without_a_word_meetings_of_three_sizes_are_measured_beside_the_baseline() {
        let mesh = words("").unwrap();
        assert_eq!(mesh.people, [2, 4, 6]);
        assert_eq!(mesh.sides, ["landline", "baseline"]);
        assert_eq!((mesh.seconds, mesh.runs), (15, 3));
    }

    #[test]
    fn who_asks_for_bots_gets_no_meetings_of_browsers() {
        let mesh = words("--bots 7,11 --seconds 5").unwrap();
        assert_eq!(
            (mesh.people.len(), mesh.bots.as_slice(), mesh.seconds),
            (0, &[7, 11][..], 5)
        );
        assert!(words("--encoders").unwrap().people.is_empty());
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            "--people",
            "--people 1",
            "--people 2,x",
            "--bots 32",
            "--seconds 0",
            "--runs",
            "--video",
            "2",
        ] {
            assert!(words(bad).is_err(), "{bad}");
        }
    }
}
