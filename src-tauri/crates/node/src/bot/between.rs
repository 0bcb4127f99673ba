//! What a link says and hears by its line, and what its senders do about it.

use std::time::Duration;

use bytes::Bytes;
use landline_engine::frame::FrameIn;
use landline_protocol::engine_api::{Encoding, EngineRequest};

use super::ask::{Broken, done, ignore, state};
use super::line::{self, Heard, LABEL, Line};
use super::link::Link;
use super::means::Means;
use super::player::give;
use super::signals::Source;
use super::views::{View, Views};

/// bit/s that a voice takes with its packets.
const SOUND: u32 = 40_000;

impl Link {
    /// Makes the line's channel, unless there is one. Media do without it.
    pub(super) async fn open_line(&mut self, means: &mut Means<'_>) {
        if self.line.is_some() {
            return;
        }
        let channel = means.ids.next();
        let request = EngineRequest::CreateDataChannel {
            connection: self.connection,
            channel,
            label: LABEL.to_owned(),
            options: line::options(),
        };
        match state(means.client, request).await {
            Ok(_) => self.line = Some(Line::new(channel)),
            Err(error) => tracing::warn!(%error, "no line could be made"),
        }
    }

    /// Its channel is open.
    pub(crate) fn line_opened(&mut self, channel: u32, means: &Means<'_>) {
        if let Some(line) = self.line.as_mut().filter(|line| line.channel == channel) {
            let pieces = line.opened();
            self.send(channel, pieces, means);
        }
    }

    /// A message of its channel. `shows`: what is said of ourselves when it can be.
    pub(crate) async fn line_message(
        &mut self,
        now: Duration,
        (channel, binary, payload): (u32, bool, &Bytes),
        shows: Option<View>,
        means: &Means<'_>,
    ) -> Heard {
        let Some(line) = self.line.as_mut().filter(|line| line.channel == channel) else {
            return Heard::Nothing;
        };
        let heard = line.take(now, binary, payload);
        match &heard {
            Heard::Ready => {
                if let Some(view) = shows {
                    let pieces = line.say(&Views::all(view).say());
                    self.send(channel, pieces, means);
                }
            }
            Heard::Views(views) => {
                self.views = Some(*views);
                ignore(self.obey(means).await);
            }
            Heard::Limit(bitrate) => {
                self.limit = *bitrate;
                ignore(self.obey(means).await);
            }
            Heard::Off(why) => {
                tracing::warn!(why, "a line is not used any more");
                let request = EngineRequest::CloseDataChannel {
                    connection: self.connection,
                    channel,
                };
                ignore(done(means.client, request).await);
            }
            Heard::Nothing | Heard::Signal(..) => {}
        }
        heard
    }

    fn send(&self, channel: u32, pieces: Vec<Bytes>, means: &Means<'_>) {
        for payload in pieces {
            let frame = FrameIn::Channel {
                connection: self.connection,
                channel,
                binary: true,
                payload,
            };
            give(means.client, frame);
        }
    }

    /// Sends no more than the other side shows, and than its way carries. Whoever never said is sent everything.
    pub(super) async fn obey(&self, means: &Means<'_>) -> Result<(), Broken> {
        let Some(transceiver) = self.slots.transceiver(Source::Camera) else {
            return Ok(());
        };
        if self.views.is_none() && self.limit.is_none() {
            return Ok(());
        }
        let encoding = self.views.map_or_else(Encoding::default, |views| {
            views.camera.encoding(means.film_height)
        });
        let request = EngineRequest::SetEncoding {
            connection: self.connection,
            transceiver,
            encoding: Encoding {
                max_bitrate: self.limit.map(|most| most.saturating_sub(SOUND)),
                ..encoding
            },
        };
        done(means.client, request).await
    }

    /// What the sender of a source sends from now on.
    pub(crate) async fn set_track(
        &self,
        source: Source,
        track: u32,
        means: &Means<'_>,
    ) -> Result<(), Broken> {
        let Some(transceiver) = self.slots.transceiver(source) else {
            return Ok(());
        };
        let request = EngineRequest::SetTrack {
            connection: self.connection,
            transceiver,
            track: Some(track),
        };
        done(means.client, request).await
    }
}
