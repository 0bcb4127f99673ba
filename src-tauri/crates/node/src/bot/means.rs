//! What the links of a bot share.

use std::collections::HashMap;

use landline_engine::Client;

use super::signals::Source;

/// Ids in the engine, chosen by the bot.
#[derive(Debug, Default)]
pub(crate) struct Ids(u32);

impl Ids {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

/// What every link of a bot needs.
pub(crate) struct Means<'a> {
    pub(crate) client: &'a Client,
    pub(crate) ids: &'a mut Ids,
    /// Whose frames a receiver's are.
    pub(crate) receivers: &'a mut HashMap<u32, (String, Source)>,
    /// Tracks of the test picture.
    pub(crate) microphone: u32,
    pub(crate) camera: u32,
    /// Pixels of its largest size.
    pub(crate) film_height: u16,
}

impl Means<'_> {
    /// The track of the test picture, or of its sound.
    pub(crate) fn test_track(&self, source: Source) -> u32 {
        if source.is_audio() {
            self.microphone
        } else {
            self.camera
        }
    }
}
