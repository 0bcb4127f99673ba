//! What a bot does about the engine's events and frames: candidates and states of its links, key frames, counting, and giving back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use landline_engine::frame::{FrameIn, FrameOut};
use landline_protocol::client::SignalType;
use landline_protocol::engine_api::{
    ChannelState, EngineEvent, EngineRequest, Layer, PeerConnectionState,
};
use serde_json::json;
use tokio::time::Instant;

use super::ask::{Broken, done};
use super::counts::count;
use super::echo::{Ask, Back};
use super::footage::Footage;
use super::link::Link;
use super::means::Means;
use super::participant::{End, Participant};
use super::player::give;
use super::signals::Source;

/// What Opus needs at least for speech, and more than it needs for anything here.
const SOUND_BITRATES: (u32, u32) = (12_000, 64_000);
/// Of what is given back: as much as a camera may take. It comes as it comes, so there is no least.
const ECHO_BITRATES: (u32, u32) = (1, 2_500_000);

/// Of the test picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tracks {
    pub(crate) microphone: u32,
    pub(crate) camera: u32,
}

impl Tracks {
    /// Tells the engine what there is to be sent.
    pub(crate) async fn announce(
        self,
        footage: &Footage,
        client: &landline_engine::Client,
    ) -> Result<(), Broken> {
        let camera = footage.film.sizes.iter().map(|size| Layer {
            width: size.width,
            height: size.height,
            // The mean; a second with its key frame takes no more, as the next ones take less.
            min_bitrate: size.bitrate,
            max_bitrate: size.bitrate + size.bitrate / 4,
            fixed: true,
        });
        let (track, layers) = (self.camera, camera.collect());
        done(client, EngineRequest::SetLayers { track, layers }).await?;
        let (track, layers) = (self.microphone, vec![layer((0, 0), SOUND_BITRATES)]);
        done(client, EngineRequest::SetLayers { track, layers }).await
    }
}

fn layer((width, height): (u16, u16), (min_bitrate, max_bitrate): (u32, u32)) -> Layer {
    Layer {
        width,
        height,
        min_bitrate,
        max_bitrate,
        fixed: true,
    }
}

impl Participant {
    pub(crate) async fn event(&mut self, event: EngineEvent) -> Result<(), End> {
        match event {
            EngineEvent::Candidate {
                connection,
                candidate: Some(candidate),
            } if !candidate.candidate.is_empty() => {
                let Some(id) = self
                    .link_of(connection)
                    .map(|link| link.peer.client_id.clone())
                else {
                    return Ok(());
                };
                self.say(&id, vec![(SignalType::IceCandidate, json!(candidate))])
                    .await
            }
            EngineEvent::State { connection, state } => {
                if let Some(link) = self.link_of(connection)
                    && link.state != state.connection
                {
                    link.state = state.connection;
                    link.since = Instant::now();
                    self.heed();
                }
                Ok(())
            }
            EngineEvent::KeyFrame { track, .. } => {
                self.key_frame(track);
                Ok(())
            }
            EngineEvent::ChannelState {
                connection,
                channel,
                state: ChannelState::Open,
                ..
            } => {
                self.line_opened(connection, channel);
                Ok(())
            }
            EngineEvent::Candidate { .. }
            | EngineEvent::ChannelCreated { .. }
            | EngineEvent::ChannelState { .. }
            | EngineEvent::ChannelBuffered { .. }
            | EngineEvent::Encode { .. } => Ok(()),
        }
    }

    fn link_of(&mut self, connection: u32) -> Option<&mut Link> {
        self.links
            .values_mut()
            .find(|link| link.connection == connection)
    }

    /// The test picture is played only while there is somebody to see it.
    pub(crate) fn heed(&self) {
        let on = self
            .links
            .values()
            .any(|link| link.state == PeerConnectionState::Connected);
        self.parts.cue.on.store(on, Ordering::Relaxed);
    }

    fn key_frame(&self, track: u32) {
        if track == self.parts.tracks.camera {
            self.parts.cue.key.store(true, Ordering::Relaxed);
            return;
        }
        // What is given back can be begun anew only by whoever sends it.
        if let Some(link) = self
            .links
            .values()
            .find(|link| link.echo_camera == Some(track))
        {
            self.ask_key_frame(&link.peer.client_id);
        }
    }

    fn ask_key_frame(&self, of: &str) {
        let camera = self
            .receivers
            .iter()
            .find(|(_, (id, source))| id == of && *source == Source::Camera);
        if let Some((receiver, _)) = camera {
            give(
                &self.parts.client,
                FrameIn::KeyRequest {
                    receiver: *receiver,
                },
            );
        }
    }

    pub(crate) fn frame(&mut self, frame: &FrameOut) {
        let (FrameOut::Video { receiver, .. } | FrameOut::Audio { receiver, .. }) = frame else {
            return;
        };
        let Some((id, source)) = self.receivers.get(receiver) else {
            return;
        };
        let Some(link) = self.links.get_mut(id) else {
            return;
        };
        count(&mut link.counts, *source, frame);
        if !self.parts.echo {
            return;
        }
        if link.echo.push(self.began.elapsed(), *source, frame) == Ask::KeyFrame {
            let id = id.clone();
            self.ask_key_frame(&id);
        }
    }

    /// When something has to be given back next.
    pub(crate) fn next_echo(&self) -> Option<Instant> {
        let due = self
            .links
            .values()
            .filter_map(|link| link.echo.due())
            .min()?;
        Some(self.began + due)
    }

    pub(crate) async fn give_back(&mut self) {
        let now = self.began.elapsed();
        let mut links = std::mem::take(&mut self.links);
        let mut means = self.means();
        for link in links.values_mut() {
            while let Some(back) = link.echo.pop(now) {
                if let Err(error) = give_back(link, back, &mut means).await {
                    tracing::debug!(%error, "nothing could be given back");
                }
            }
        }
        self.links = links;
    }

    /// Whoever has switched the camera off sees the test picture again.
    pub(crate) async fn went_dark(&mut self) {
        let now = self.began.elapsed();
        let cue = Arc::clone(&self.parts.cue);
        let mut links = std::mem::take(&mut self.links);
        let means = self.means();
        for link in links.values_mut() {
            if !link.echo.went_dark(now) {
                continue;
            }
            if let Err(error) = lower(link, &means).await {
                tracing::debug!(%error, "the test picture could not be shown");
            }
            cue.key.store(true, Ordering::Relaxed);
        }
        self.links = links;
    }
}

async fn give_back(link: &mut Link, back: Back, means: &mut Means<'_>) -> Result<(), Broken> {
    match back {
        Back::Video {
            key,
            timestamp,
            size,
            payload,
        } => {
            let track = camera(link, size, key, means).await?;
            let (width, height) = size;
            let frame = FrameIn::Video {
                track,
                layer: 0,
                key,
                timestamp,
                width,
                height,
                payload,
            };
            give(means.client, frame);
        }
        Back::Audio { timestamp, payload } => {
            let track = microphone(link, means).await?;
            give(
                means.client,
                FrameIn::Audio {
                    track,
                    timestamp,
                    payload,
                },
            );
        }
    }
    Ok(())
}

/// The track on which a picture is given back; made with the first one, which is a key frame.
async fn camera(
    link: &mut Link,
    size: (u16, u16),
    key: bool,
    means: &mut Means<'_>,
) -> Result<u32, Broken> {
    let known = link.echo_camera;
    let track = known.unwrap_or_else(|| means.ids.next());
    if known.is_none() || key {
        let layers = vec![layer(size, ECHO_BITRATES)];
        done(means.client, EngineRequest::SetLayers { track, layers }).await?;
    }
    if known.is_none() {
        link.echo_camera = Some(track);
        link.set_track(Source::Camera, track, means).await?;
    }
    Ok(track)
}

async fn microphone(link: &mut Link, means: &mut Means<'_>) -> Result<u32, Broken> {
    if let Some(track) = link.echo_microphone {
        return Ok(track);
    }
    let track = means.ids.next();
    let layers = vec![layer((0, 0), SOUND_BITRATES)];
    done(means.client, EngineRequest::SetLayers { track, layers }).await?;
    link.echo_microphone = Some(track);
    link.set_track(Source::Microphone, track, means).await?;
    Ok(track)
}

async fn lower(link: &mut Link, means: &Means<'_>) -> Result<(), Broken> {
    let Some(track) = link.echo_camera.take() else {
        return Ok(());
    };
    let test = means.test_track(Source::Camera);
    link.set_track(Source::Camera, test, means).await?;
    done(means.client, EngineRequest::DropTrack { track }).await
}
