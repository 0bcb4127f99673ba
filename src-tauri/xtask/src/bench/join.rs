//! `cargo xtask bench join`: from the click on Join to the first picture of the other one.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::{clip, pages};

/// Enough for a median that one busy moment does not move.
const RUNS: u32 = 10;

pub(super) fn bench(args: &[String]) -> Result<ExitCode> {
    let (runs, video) = read(args)?;
    pages::prepare()?;
    let film = clip::clip(video.as_deref())?;
    let out = clip::folder()?.join("join.json");
    // Of an earlier run; there may be none.
    std::fs::remove_file(&out).ok();
    let options = json!({
        "people": [2],
        "bots": [],
        "encoders": false,
        "seconds": 0,
        "runs": runs,
        "clip": pages::text(&film.raw),
        "footage": null,
        "browsers": "each",
        "sides": ["landline", "baseline"],
        "baseline": pages::text(&pages::baseline_folder()),
        "out": pages::text(&out),
    });
    pages::measure("e2e/bench/join.bench.ts", &options)?;
    std::fs::metadata(&out)
        .with_context(|| format!("{} is missing: nothing was measured", out.display()))?;
    println!("All of it: {}", out.display());
    Ok(ExitCode::SUCCESS)
}

fn read(args: &[String]) -> Result<(u32, Option<PathBuf>)> {
    let (mut runs, mut video) = (RUNS, None);
    let mut rest = args.iter();
    while let Some(flag) = rest.next() {
        match flag.as_str() {
            "--runs" => runs = pages::number(flag, rest.next(), 1, 999)?,
            "--video" => video = Some(PathBuf::from(rest.next().context("--video takes a file")?)),
            unknown => bail!("unknown argument {unknown:?}; `cargo xtask help`"),
        }
    }
    Ok((runs, video))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_can_be_chosen_and_nonsense_is_refused() {
        let words = |text: &str| {
            read(
                &text
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(words("").unwrap(), (RUNS, None));
        assert_eq!(words("--runs 3").unwrap(), (3, None));
        for bad in ["--runs", "--runs 0", "--seconds 3"] {
            assert!(words(bad).is_err(), "{bad}");
        }
    }
}
