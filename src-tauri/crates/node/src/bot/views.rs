//! How large a participant shows a picture, and what follows for a sender. Pure.

use std::str::FromStr;

use landline_protocol::engine_api::Encoding;
use serde_json::{Value, json};

/// Frames a second of a film, and the most that anybody wants.
const FRAMES: u16 = 30;

/// How large somebody shows a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Device pixels of the whole picture's height; 0: none of it is shown.
    pub height: u16,
    /// The most that is wanted in a second.
    pub frames_per_second: u16,
}

/// What somebody shows of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Views {
    pub(crate) camera: View,
    pub(crate) screen: View,
}

impl Views {
    /// The same of everything.
    pub(crate) const fn all(view: View) -> Self {
        Self {
            camera: view,
            screen: view,
        }
    }

    /// The members of an envelope `views`; none if they make no sense.
    pub(crate) fn read(envelope: &Value) -> Option<Self> {
        Some(Self {
            camera: View::read(envelope.get("camera")?)?,
            screen: View::read(envelope.get("screen")?)?,
        })
    }

    /// The envelope.
    pub(crate) fn say(self) -> String {
        let say = |View {
                       height,
                       frames_per_second,
                   }: View| {
            json!({"height": height, "framesPerSecond": frames_per_second})
        };
        json!({"is": "views", "camera": say(self.camera), "screen": say(self.screen)}).to_string()
    }
}

impl View {
    fn read(view: &Value) -> Option<Self> {
        let number = |key| {
            // Whatever is larger than any screen is as much as there is.
            let number = view.get(key)?.as_f64()?;
            (number >= 0.0).then_some(number.ceil().min(f64::from(u16::MAX)))
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was just made to fit"
        )]
        Some(Self {
            height: number("height")? as u16,
            frames_per_second: number("framesPerSecond")? as u16,
        })
    }

    /// What a sender of a picture of `full` pixels' height is to be told.
    pub(crate) fn encoding(self, full: u16) -> Encoding {
        if self.height == 0 || self.frames_per_second == 0 {
            return Encoding {
                active: false,
                ..Encoding::default()
            };
        }
        let scale = f64::from(full) / f64::from(self.height);
        Encoding {
            scale_resolution_down_by: Some(scale).filter(|scale| *scale > 1.0),
            max_framerate: Some(u32::from(self.frames_per_second)),
            ..Encoding::default()
        }
    }
}

impl FromStr for View {
    type Err = &'static str;

    /// `HEIGHT` or `HEIGHT@FRAMES`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a height in pixels, and after an @ how many frames a second";
        let (height, frames) = match text.split_once('@') {
            Some((height, frames)) => (height, frames.parse().map_err(|_| WRONG)?),
            None => (text, FRAMES),
        };
        let height = height.parse().map_err(|_| WRONG)?;
        Ok(Self {
            height,
            frames_per_second: if height == 0 { 0 } else { frames },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read_again_and_nonsense_is_not() {
        let views = Views::all("180@15".parse().unwrap());
        let said: Value = serde_json::from_str(&views.say()).unwrap();
        assert_eq!(said["is"], "views");
        assert_eq!(Views::read(&said), Some(views));
        let page = json!({"is": "views", "camera": {"height": 1e9, "framesPerSecond": 29.97}, "screen": {"height": 0, "framesPerSecond": 0}});
        let read = Views::read(&page).unwrap();
        assert_eq!(
            (read.camera.height, read.camera.frames_per_second),
            (u16::MAX, 30)
        );
        for nonsense in [
            json!({"camera": {"height": 180, "framesPerSecond": 30}}),
            json!({"camera": {"height": -1, "framesPerSecond": 30}, "screen": {"height": 0, "framesPerSecond": 0}}),
            json!({"camera": {"height": "180", "framesPerSecond": 30}, "screen": {"height": 0, "framesPerSecond": 0}}),
        ] {
            assert_eq!(Views::read(&nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_sender_scales_down_to_what_is_shown_and_never_up() {
        let encoding = |text: &str| text.parse::<View>().unwrap().encoding(360);
        assert_eq!(encoding("180").scale_resolution_down_by, Some(2.0));
        assert_eq!(encoding("720").scale_resolution_down_by, None);
        assert_eq!(encoding("90@10").max_framerate, Some(10));
        assert!(encoding("90").active && !encoding("0").active && !encoding("90@0").active);
    }

    #[test]
    fn what_is_no_view_is_refused() {
        for bad in ["", "@", "180@", "x", "-1", "99999", "180@x"] {
            assert!(bad.parse::<View>().is_err(), "{bad}");
        }
    }
}
