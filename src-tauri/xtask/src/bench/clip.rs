//! The film that every camera shows: given by a person, or made by ffmpeg, the same on every machine.
//!
//! It costs an encoder what real films do. At a fixed quality (VP8, quantiser 30, real-time) three real clips brought to this size took
//! 550 to 660 kbit/s and 2.0 to 2.2 ms a frame, this one 740 kbit/s and 2.0 ms.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::shell::{ask, program, root, show, target};

/// Frames of a scene: a film cuts every few seconds, and a cut is what an encoder finds hardest.
const SCENE_FRAMES: u32 = 100;
/// Bits a second of the encoded film: what Chromium gives a camera of this size.
const BITS: &str = "1000k";
/// A key frame a second: a bot that is asked for one waits for the next.
const KEY_EVERY: &str = "30";

/// A still of great detail over which the camera pans and sways, a face, a hand. `part` of the Mandelbrot set, `seed` of the skin.
struct Scene {
    part: &'static str,
    seed: u32,
    skin: &'static str,
}

const SCENES: [Scene; 3] = [
    Scene {
        part: "start_x=-0.743:start_y=0.131:start_scale=0.06:end_scale=0.035",
        seed: 7,
        skin: "0xb08a70",
    },
    Scene {
        part: "start_x=-0.10:start_y=0.8383:start_scale=0.10:end_scale=0.16",
        seed: 21,
        skin: "0x8a6a58",
    },
    Scene {
        part: "start_x=-0.7463:start_y=0.1102:start_scale=0.02:end_scale=0.012",
        seed: 33,
        skin: "0xc8a488",
    },
];

/// The film as cameras (Y4M) and as bots (IVF) take it.
pub(super) struct Clip {
    pub(super) raw: PathBuf,
    pub(super) encoded: PathBuf,
}

/// Finds or makes both forms.
pub(super) fn clip(given: Option<&Path>) -> Result<Clip> {
    let folder = folder()?;
    let Some(given) = given else {
        let raw = folder.join(format!("film-{}.y4m", film_id()));
        if !raw.is_file() {
            println!("The film for all cameras is made: {}", raw.display());
            make(&raw)?;
        }
        return with_encoded(raw);
    };
    let raw = fs::canonicalize(given).with_context(|| format!("{} is missing", given.display()))?;
    let head = {
        use std::io::Read as _;
        let mut head = [0; 9];
        fs::File::open(&raw)?.read_exact(&mut head).ok();
        head
    };
    if &head != b"YUV4MPEG2" {
        bail!("{} is no Y4M file", raw.display());
    }
    with_encoded(raw)
}

/// Where films and figures are kept.
pub(super) fn folder() -> Result<PathBuf> {
    let folder = root().join(target()).join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}

fn with_encoded(raw: PathBuf) -> Result<Clip> {
    let name = raw.file_stem().unwrap_or_default().to_string_lossy();
    let encoded = folder()?.join(format!("{name}.ivf"));
    let newer = |file: &Path| fs::metadata(file).and_then(|about| about.modified()).ok();
    if newer(&encoded) < newer(&raw) {
        let part = encoded.with_extension("part.ivf");
        let mut command = ffmpeg();
        command.arg("-i").arg(&raw).args([
            "-c:v",
            "libvpx",
            "-deadline",
            "realtime",
            "-cpu-used",
            "-6",
            "-lag-in-frames",
            "0",
        ]);
        command.args(["-b:v", BITS, "-g", KEY_EVERY]).arg(&part);
        show(&mut command)?;
        fs::rename(&part, &encoded)?;
    }
    Ok(Clip { raw, encoded })
}

fn make(raw: &Path) -> Result<()> {
    // Whoever is interrupted leaves no half film.
    let part = raw.with_extension("part.y4m");
    let mut command = ffmpeg();
    command.args(["-filter_complex", &filters(), "-map", "[film]", "-r", "30"]);
    show(command.arg(&part))?;
    fs::rename(&part, raw).with_context(|| format!("{} cannot be written", raw.display()))
}

fn ffmpeg() -> Command {
    program("ffmpeg", ["-v", "error", "-y", "-nostdin"])
}

fn filters() -> String {
    let scenes = SCENES
        .iter()
        .enumerate()
        .map(|(n, scene)| scene_filters(n, scene));
    let names: Vec<String> = (0..SCENES.len()).map(|n| format!("[scene{n}]")).collect();
    let names = names.concat();
    let count = SCENES.len();
    // The last is the grain of a small camera.
    let film = format!(
        "{names}concat=n={count}:v=1:a=0,noise=alls=4:allf=t:all_seed=11,format=yuv420p[film]"
    );
    scenes.chain([film]).collect::<Vec<_>>().join(";")
}

fn scene_filters(n: usize, scene: &Scene) -> String {
    let Scene { part, seed, skin } = scene;
    let end = format!("trim=end_frame={SCENE_FRAMES},setpts=N/30/TB");
    // Turned a little, so that nothing moves by whole pixels.
    let still = format!(
        "mandelbrot=size=1280x960:rate=30:{part}:end_pts={SCENE_FRAMES}:maxiter=400,{end},gblur=sigma=1.2,\
         rotate=a='0.03*sin(1.3*t)':bilinear=1,crop=1120:840:x='80+66*sin(1.3*t)':y='60+40*sin(0.7*t+1)',\
         scale=640:480:flags=bicubic,eq=contrast=0.7:saturation=0.5[still{n}]"
    );
    let face = format!(
        "color=c={skin}:size=300x380:rate=30,trim=end_frame=1,noise=alls=80:allf=u:all_seed={seed},gblur=sigma=2.2,format=yuva420p,\
         geq=lum='lum(X,Y)+40*X/W-30*Y/H':cb='cb(X,Y)':cr='cr(X,Y)':a='255*lt(hypot(2*X/W-1,2*Y/H-1),1)',\
         loop=-1:1,setpts=N/30/TB,{end},split[face{n}][large{n}]"
    );
    format!(
        "{still};{face};[large{n}]scale=90:110[hand{n}];\
         [still{n}][face{n}]overlay=x='170+30*sin(1.9*t)+6*sin(5.3*t)':y='80+14*sin(2.3*t)':shortest=1[with{n}];\
         [with{n}][hand{n}]overlay=x='440+150*sin(2.1*t)':y='330+70*cos(2.9*t)':shortest=1[scene{n}]"
    )
}

/// Of how it is made and by what: a film of another making is another film.
fn film_id() -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    let mut hasher = DefaultHasher::new();
    filters().hash(&mut hasher);
    ask(&mut program("ffmpeg", ["-version"])).hash(&mut hasher);
    format!("{:08x}", hasher.finish() & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_film_is_refused() {
        let file = std::env::temp_dir().join(format!("xtask-clip-{}", std::process::id()));
        fs::write(&file, "no film").unwrap();
        let refused = clip(Some(&file)).map(|_| ()).unwrap_err().to_string();
        fs::remove_file(&file).unwrap();
        assert!(refused.contains("no Y4M file"), "{refused}");
    }

    #[test]
    fn each_scene_is_used_and_all_names_meet() {
        let text = filters();
        for n in 0..SCENES.len() {
            for name in ["still", "face", "large", "hand", "with", "scene"] {
                assert_eq!(
                    text.matches(&format!("[{name}{n}]")).count(),
                    2,
                    "{name}{n}"
                );
            }
        }
    }
}
