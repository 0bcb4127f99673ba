//! A bot's link to one participant: a connection of the engine, its negotiation, and what it carries. The only place that asks the
//! engine for anything of a connection. Each operation is done to its end before the next begins.

use landline_protocol::client::SignalType;
use landline_protocol::engine_api::{
    ConnectionState, Description as EngineDescription, DescriptionType, Direction, EngineRequest,
    IceCandidate, PeerConnectionState, TrackKind,
};
use landline_protocol::server::Peer;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::ask::{Broken, done, ignore, sdp, state};
use super::candidates::{sdp_with_addresses, with_addresses};
use super::counts::Counts;
use super::echo::Echo;
use super::line::Line;
use super::means::Means;
use super::negotiation::{Negotiation, Verdict};
use super::signals::{Description, Generation, Kind, Source, generation, has_data, sender_of};
use super::slots::{Change, Slots};
use super::views::Views;

/// Microphone and camera of one person are one stream, or lips and voice come apart.
const STREAMS: [&str; 1] = ["bot"];

/// Something to be said to the participant.
pub(crate) type Saying = (SignalType, Value);

pub(crate) struct Link {
    pub(crate) peer: Peer,
    pub(crate) connection: u32,
    pub(crate) state: PeerConnectionState,
    /// Since when the state is what it is.
    pub(crate) since: Instant,
    pub(crate) counts: Counts,
    pub(crate) echo: Echo,
    /// Tracks of what is given back; made with the first frame.
    pub(crate) echo_camera: Option<u32>,
    pub(crate) echo_microphone: Option<u32>,
    /// What beside media goes to the other page; none with one that knows nothing of it.
    pub(super) line: Option<Line>,
    /// What the other side shows of us, if it said.
    pub(super) views: Option<Views>,
    /// The most that it takes, sound included, in bit/s.
    pub(super) limit: Option<u32>,
    /// Something was offered or taken: a side that began without a line stays without.
    begun: bool,
    /// The other side hung up: until it offers again there is nothing to mend.
    pub(crate) quiet: bool,
    /// Gives way in glare.
    pub(crate) polite: bool,
    /// Told to the other side, so that it recognises a new connection.
    own: String,
    other: Option<String>,
    negotiation: Negotiation,
    pub(super) slots: Slots,
}

impl Link {
    /// With a connection, and nothing negotiated yet.
    pub(crate) async fn open(
        peer: Peer,
        own_id: &str,
        means: &mut Means<'_>,
    ) -> Result<Self, Broken> {
        let polite = own_id < peer.client_id.as_str();
        let connection = means.ids.next();
        done(means.client, EngineRequest::Open { connection }).await?;
        Ok(Self {
            peer,
            connection,
            state: PeerConnectionState::New,
            since: Instant::now(),
            counts: Counts::new(),
            echo: Echo::default(),
            echo_camera: None,
            echo_microphone: None,
            line: None,
            views: None,
            limit: None,
            begun: false,
            quiet: false,
            polite,
            own: format!("bot-{connection}"),
            other: None,
            negotiation: Negotiation::new(polite),
            slots: Slots::default(),
        })
    }

    /// A new connection instead of the one that we have.
    pub(crate) async fn renew(&mut self, means: &mut Means<'_>) -> Result<(), Broken> {
        self.close(means).await;
        let connection = means.ids.next();
        done(means.client, EngineRequest::Open { connection }).await?;
        self.connection = connection;
        self.own = format!("bot-{connection}");
        self.other = None;
        self.negotiation = Negotiation::new(self.polite);
        self.slots = Slots::default();
        self.echo = Echo::default();
        self.line = None;
        self.views = None;
        self.limit = None;
        self.begun = false;
        self.state = PeerConnectionState::New;
        self.since = Instant::now();
        Ok(())
    }

    pub(crate) async fn close(&mut self, means: &mut Means<'_>) {
        means
            .receivers
            .retain(|_, (of, _)| *of != self.peer.client_id);
        let connection = self.connection;
        let echo = [self.echo_camera.take(), self.echo_microphone.take()];
        for track in echo.into_iter().flatten() {
            ignore(done(means.client, EngineRequest::DropTrack { track }).await);
        }
        ignore(done(means.client, EngineRequest::Close { connection }).await);
    }

    pub(crate) fn is_live(&self) -> bool {
        self.state == PeerConnectionState::Connected
    }

    /// Offers what there is to be negotiated.
    pub(crate) async fn offer(
        &mut self,
        restart: bool,
        means: &mut Means<'_>,
    ) -> Result<Vec<Saying>, Broken> {
        self.negotiation.need(restart);
        self.settle(means).await
    }

    /// The offer that is due, if one is.
    async fn settle(&mut self, means: &mut Means<'_>) -> Result<Vec<Saying>, Broken> {
        let Some(offer) = self.negotiation.offer() else {
            return Ok(Vec::new());
        };
        let connection = self.connection;
        if !self.begun {
            self.open_line(means).await;
            self.begun = true;
        }
        for source in self.slots.missing() {
            let transceiver = means.ids.next();
            let request = EngineRequest::AddTransceiver {
                connection,
                transceiver,
                kind: kind_of(source),
                direction: Direction::SendRecv,
                streams: STREAMS.map(str::to_owned).into(),
            };
            state(means.client, request).await?;
            self.slots.made(source, transceiver);
            self.set_track(source, means.test_track(source), means)
                .await?;
        }
        if offer.restart {
            state(means.client, EngineRequest::RestartIce { connection }).await?;
        }
        let description = None;
        let request = EngineRequest::SetLocalDescription {
            connection,
            description,
        };
        let state = state(means.client, request).await?;
        let sdp = sdp(state.pending_local.as_ref())?;
        let (id, answers) = (Some(offer.id.to_string()), None);
        Ok(vec![self.saying(Kind::Offer, sdp, id, answers, &state)])
    }

    /// A description of the other side.
    pub(crate) async fn take(
        &mut self,
        description: Description,
        means: &mut Means<'_>,
    ) -> Result<Vec<Saying>, Broken> {
        match generation(
            &self.own,
            self.other.as_deref(),
            &description,
            self.is_live(),
        ) {
            Generation::Past => return Ok(Vec::new()),
            Generation::Renewed => self.renew(means).await?,
            Generation::Ours => {}
        }
        match self.negotiation.verdict(&description) {
            Verdict::Ignore => Ok(Vec::new()),
            Verdict::TakeOffer => self.take_offer(description, means).await,
            Verdict::TakeAnswer => self.take_answer(description, means).await,
        }
    }

    async fn take_offer(
        &mut self,
        description: Description,
        means: &mut Means<'_>,
    ) -> Result<Vec<Saying>, Broken> {
        let connection = self.connection;
        let offered = match self.set_remote(&description, means).await {
            Ok(state) => state,
            Err(error) if self.negotiation.is_at_rest() => {
                tracing::debug!(%error, "an offer was refused");
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        for change in self
            .slots
            .adopt(&offered.transceivers, &description.sources)
        {
            self.change(change, means).await?;
        }
        self.obey(means).await?;
        if !self.begun && has_data(&description.sdp) {
            self.open_line(means).await;
        }
        self.begun = true;
        let request = EngineRequest::SetLocalDescription {
            connection,
            description: None,
        };
        let state = state(means.client, request).await?;
        let sdp = sdp(state.current_local.as_ref())?;
        let unfinished = self.slots.unfinished(&state.transceivers);
        let early = self.negotiation.took_offer(&description, unfinished);
        self.in_force(&description, &state, early, means).await;
        let answer = self.saying(Kind::Answer, sdp, None, description.id, &state);
        let mut sayings = vec![answer];
        sayings.extend(self.settle(means).await?);
        Ok(sayings)
    }

    async fn take_answer(
        &mut self,
        description: Description,
        means: &mut Means<'_>,
    ) -> Result<Vec<Saying>, Broken> {
        let state = self.set_remote(&description, means).await?;
        let early = self.negotiation.took_answer(&description);
        self.in_force(&description, &state, early, means).await;
        self.settle(means).await
    }

    async fn set_remote(
        &self,
        description: &Description,
        means: &Means<'_>,
    ) -> Result<ConnectionState, Broken> {
        let r#type = match description.kind {
            Kind::Offer => DescriptionType::Offer,
            Kind::Answer => DescriptionType::Answer,
        };
        let sdp = sdp_with_addresses(&description.sdp, &self.peer.addr);
        let request = EngineRequest::SetRemoteDescription {
            connection: self.connection,
            description: EngineDescription { r#type, sdp },
        };
        state(means.client, request).await
    }

    async fn change(&mut self, change: Change, means: &mut Means<'_>) -> Result<(), Broken> {
        let connection = self.connection;
        match change {
            Change::Stop { transceiver } => {
                state(
                    means.client,
                    EngineRequest::StopTransceiver {
                        connection,
                        transceiver,
                    },
                )
                .await?;
            }
            Change::Adopt {
                source,
                transceiver,
            } => {
                let direction = Direction::SendRecv;
                state(
                    means.client,
                    EngineRequest::SetDirection {
                        connection,
                        transceiver,
                        direction,
                    },
                )
                .await?;
                let streams = STREAMS.map(str::to_owned).into();
                state(
                    means.client,
                    EngineRequest::SetStreams {
                        connection,
                        transceiver,
                        streams,
                    },
                )
                .await?;
                self.set_track(source, means.test_track(source), means)
                    .await?;
            }
        }
        Ok(())
    }

    async fn in_force(
        &mut self,
        description: &Description,
        state: &ConnectionState,
        early: Vec<IceCandidate>,
        means: &mut Means<'_>,
    ) {
        self.other = sender_of(description);
        for (receiver, source) in self.slots.receivers(&state.transceivers) {
            means
                .receivers
                .insert(receiver, (self.peer.client_id.clone(), source));
        }
        for candidate in early {
            self.add(candidate, means).await;
        }
    }

    /// A candidate of the other side.
    pub(crate) async fn candidate(&mut self, candidate: IceCandidate, means: &Means<'_>) {
        for each in with_addresses(candidate, &self.peer.addr) {
            if let Some(now) = self.negotiation.candidate(each) {
                self.add(now, means).await;
            }
        }
    }

    /// One candidate of many may be of a form that the engine does not know.
    async fn add(&self, candidate: IceCandidate, means: &Means<'_>) {
        let connection = self.connection;
        let request = EngineRequest::AddIceCandidate {
            connection,
            candidate,
        };
        ignore(done(means.client, request).await);
    }

    fn saying(
        &self,
        kind: Kind,
        sdp: String,
        id: Option<String>,
        answers: Option<String>,
        state: &ConnectionState,
    ) -> Saying {
        let description = Description {
            kind,
            sdp,
            id,
            answers,
            link: Some(self.own.clone()),
            link_to: self.other.clone(),
            sources: self.slots.sources(&state.transceivers),
        };
        let signal_type = match kind {
            Kind::Offer => SignalType::Offer,
            Kind::Answer => SignalType::Answer,
        };
        (signal_type, json!(description))
    }
}

fn kind_of(source: Source) -> TrackKind {
    if source.is_audio() {
        TrackKind::Audio
    } else {
        TrackKind::Video
    }
}
