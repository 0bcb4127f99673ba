//! What a bot does about the room's messages: who is there, and what they say to its links.

use bytes::Bytes;
use landline_protocol::client::SignalType;
use landline_protocol::engine_api::PeerConnectionState;
use landline_protocol::server::Peer;
use serde_json::Value;
use tokio::time::Instant;

use super::ask::Broken;
use super::line::Heard;
use super::link::{Link, Saying};
use super::means::Means;
use super::participant::{End, Participant, now};
use super::report::{BotEvent, LeftReason};
use super::seat::Told;
use super::signals::{LinkSignal, read};

impl Participant {
    pub(super) async fn told(&mut self, text: &str) -> Result<(), End> {
        let told = self.seat.read(text);
        if let Some(acknowledgement) = self.seat.acknowledge(false) {
            self.room.send(acknowledgement).await?;
        }
        match told {
            Some(Told::PeerJoined { peer }) => {
                self.trust.meet(&peer);
                self.peer_joined(peer).await
            }
            Some(Told::PeerLeft { client_id }) => {
                self.trust.gone(&client_id);
                if let Some(mut link) = self.links.remove(&client_id) {
                    link.close(&mut self.means()).await;
                    self.heed();
                }
                Ok(())
            }
            Some(Told::PeerBack {
                client_id,
                fresh,
                identity,
            }) => {
                let changed = identity.is_some() && self.trust.shows(&client_id, identity.as_ref());
                if fresh || changed {
                    self.rebuild(&client_id).await
                } else {
                    Ok(())
                }
            }
            Some(Told::Verify { from, data }) => {
                self.trust.receive(&from, &data);
                Ok(())
            }
            Some(Told::PeerState { client_id, state }) => {
                if let Some(link) = self.links.get_mut(&client_id) {
                    link.peer.state = Some(state);
                }
                Ok(())
            }
            Some(Told::Signal {
                from,
                signal_type,
                data,
            }) => self.signal(&from, signal_type, data).await,
            Some(Told::MeetingEnded) => Err(End::Left(LeftReason::MeetingEnded)),
            Some(Told::Error { code }) => {
                tracing::debug!(code, "the room refused something");
                Ok(())
            }
            Some(Told::Joined { .. } | Told::Challenge { .. } | Told::Other) | None => Ok(()),
        }
    }

    async fn peer_joined(&mut self, peer: Peer) -> Result<(), End> {
        let id = peer.client_id.clone();
        if self.is_sibling(&id).await {
            return Ok(());
        }
        if self.links.contains_key(&id) {
            return self.rebuild(&id).await;
        }
        self.add(peer).await;
        self.with_link(&id, async |link, means| link.offer(false, means).await)
            .await
    }

    async fn signal(
        &mut self,
        from: &str,
        signal_type: SignalType,
        data: Value,
    ) -> Result<(), End> {
        match read(signal_type, data) {
            Some(LinkSignal::Description(description))
                if !self.trust.vouches(from, &description.sdp) =>
            {
                tracing::warn!("a description with a certificate that is not vouched for");
                self.tell(BotEvent::Unvouched {
                    at: now(),
                    bot: self.parts.name.clone(),
                    client_id: self.client_id.clone(),
                    from: from.to_owned(),
                });
                Ok(())
            }
            Some(LinkSignal::Description(description)) => {
                self.with_link(from, async |link, means| {
                    link.quiet = false;
                    link.take(description, means).await
                })
                .await
            }
            Some(LinkSignal::Candidate(candidate)) => {
                self.with_link(from, async |link, means| {
                    link.candidate(candidate, means).await;
                    Ok(Vec::new())
                })
                .await
            }
            Some(LinkSignal::Hangup) => {
                self.with_link(from, async |link, means| {
                    link.quiet = true;
                    link.renew(means).await?;
                    Ok(Vec::new())
                })
                .await
            }
            None => Ok(()),
        }
    }

    fn connected_by(&self, connection: u32) -> Option<String> {
        let link = self.links.values().find(|it| it.connection == connection)?;
        Some(link.peer.client_id.clone())
    }

    pub(super) fn line_opened(&mut self, connection: u32, channel: u32) {
        let mut links = std::mem::take(&mut self.links);
        let means = self.means();
        if let Some(link) = links.values_mut().find(|it| it.connection == connection) {
            link.line_opened(channel, &means);
        }
        self.links = links;
    }

    /// A message of a data channel: number of the channel, whether it is binary, and what it is.
    pub(super) async fn channel_message(
        &mut self,
        connection: u32,
        message: (u32, bool, &Bytes),
    ) -> Result<(), End> {
        let (now, shows) = (self.began.elapsed(), self.parts.shows);
        let Some(id) = self.connected_by(connection) else {
            return Ok(());
        };
        let Some(mut link) = self.links.remove(&id) else {
            return Ok(());
        };
        let heard = link.line_message(now, message, shows, &self.means()).await;
        self.links.insert(id.clone(), link);
        match heard {
            // By whatever way it came: who has no connection to the room has no other.
            Heard::Signal(signal_type, data) => self.signal(&id, signal_type, data).await,
            Heard::Nothing | Heard::Ready | Heard::Views(_) | Heard::Limit(_) | Heard::Off(_) => {
                Ok(())
            }
        }
    }

    /// Does something with a link, if there is one, and says what follows from it. What breaks the link makes it anew.
    async fn with_link(
        &mut self,
        id: &str,
        act: impl AsyncFnOnce(&mut Link, &mut Means<'_>) -> Result<Vec<Saying>, Broken>,
    ) -> Result<(), End> {
        let Some(mut link) = self.links.remove(id) else {
            return Ok(());
        };
        let sayings = match act(&mut link, &mut self.means()).await {
            Ok(sayings) => sayings,
            Err(error) => {
                tracing::warn!(%error, "a link broke");
                // Made anew by the next look that finds it stuck.
                link.state = PeerConnectionState::Failed;
                link.since = Instant::now();
                Vec::new()
            }
        };
        self.links.insert(id.to_owned(), link);
        self.say(id, sayings).await
    }

    pub(super) async fn rebuild(&mut self, id: &str) -> Result<(), End> {
        self.with_link(id, async |link, means| {
            link.renew(means).await?;
            link.offer(false, means).await
        })
        .await
    }

    pub(super) async fn add(&mut self, peer: Peer) {
        let (id, own) = (peer.client_id.clone(), self.client_id.clone());
        match Link::open(peer, &own, &mut self.means()).await {
            Ok(link) => {
                self.links.insert(id, link);
            }
            Err(error) => tracing::warn!(%error, "no connection could be made"),
        }
    }

    pub(super) async fn is_sibling(&self, id: &str) -> bool {
        self.parts.family.has(id).await
    }
}
