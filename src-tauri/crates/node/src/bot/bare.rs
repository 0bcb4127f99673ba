//! A participant without media, for tests in which a thousand of them compare codes: the socket, the seat and the trust of a bot,
//! and descriptions that lead nowhere. Whoever holds it decides when it goes on.

use landline_protocol::client::SignalType;
use landline_protocol::node_api::Target;
use landline_protocol::server::Peer;
use landline_trust::rounds::View;
use serde_json::json;
use tokio::time::sleep_until;

use super::crowd::CrowdError;
use super::door::{Entered, enter};
use super::papers::Passport;
use super::report::BotError;
use super::room::Room;
use super::seat::{Seat, Told};
use super::signals::{Kind, LinkSignal, read};
use super::trust::Trust;
use crate::fingerprint::Fingerprint;
use crate::node::Node;

/// Whom it visits, and as who.
#[derive(Debug)]
pub struct Visit<'a> {
    pub target: &'a Target,
    /// Of a meeting that needs one.
    pub code: Option<&'a str>,
    pub meeting_id: &'a str,
    pub name: &'a str,
    /// SHA-256 of the certificate that its links would have.
    pub dtls: Fingerprint,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Somebody joined.
    Came(String),
    /// A description from somebody; a bot takes only those that are vouched for.
    Description {
        from: String,
        offer: bool,
        vouched: bool,
    },
    /// Something else, or it was time to say something.
    Other,
}

/// One participant.
pub struct Bare {
    room: Room,
    seat: Seat,
    passport: Passport,
    trust: Trust,
    client_id: String,
    peers: Vec<Peer>,
}

impl Bare {
    /// Dials as the node does, and joins.
    ///
    /// # Errors
    /// The host was not reached, or did not let it in.
    pub async fn join(node: &Node, visit: Visit<'_>) -> Result<Self, CrowdError> {
        let opening = node.0.dialer.open(visit.target, visit.code);
        let opened = Box::pin(opening).await?;
        let mut room = Room::new(opened.socket);
        let meeting_id = visit.meeting_id.to_owned();
        let mut seat = Seat::new(meeting_id.clone());
        let passport = Passport::issue(meeting_id, opened.fingerprint, *visit.dtls.bytes(), None)
            .ok_or(BotError::Engine)?;
        let Entered {
            client_id, peers, ..
        } = enter(&mut room, &mut seat, &passport, visit.name).await?;
        let mut trust = Trust::new(&passport, &client_id);
        for peer in &peers {
            trust.meet(peer);
        }
        Ok(Self {
            room,
            seat,
            passport,
            trust,
            client_id,
            peers,
        })
    }

    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Who was there when it came.
    #[must_use]
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// What a person would see.
    #[must_use]
    pub fn view(&self) -> View {
        self.trust.view()
    }

    /// Waits for the next message, or until something is to be said, and says what follows from it.
    ///
    /// # Errors
    /// The connection is no more.
    pub async fn step(&mut self) -> Result<Heard, BotError> {
        let wake = self.trust.wake_at();
        let text = tokio::select! {
            text = self.room.recv() => Some(text?),
            () = async {
                match wake {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            } => None,
        };
        let heard = match text {
            Some(text) => {
                let told = self.seat.read(&text);
                if let Some(acknowledgement) = self.seat.acknowledge(false) {
                    self.room.send(acknowledgement).await?;
                }
                self.hear(told)
            }
            None => Heard::Other,
        };
        for data in self.trust.say(&self.passport.key) {
            let text = self.seat.verify(&data);
            self.room.send(text).await?;
        }
        Ok(heard)
    }

    /// Sends a description with its fingerprint.
    ///
    /// # Errors
    /// The connection is no more.
    pub async fn describe(&mut self, to: &str, offer: bool) -> Result<(), BotError> {
        let (signal_type, kind) = if offer {
            (SignalType::Offer, Kind::Offer)
        } else {
            (SignalType::Answer, Kind::Answer)
        };
        let fingerprint = Fingerprint::from(self.passport.dtls).with_colons();
        let sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 {fingerprint}\r\n"
        );
        let data = json!({"type": kind, "sdp": sdp});
        let text = self.seat.signal(to, signal_type, &data);
        Ok(self.room.send(text).await?)
    }

    /// In good order, so that its seat is gone.
    pub async fn leave(mut self) {
        let text = self.seat.leave();
        if self.room.send(text).await.is_ok() {
            self.room.close().await;
        }
    }

    fn hear(&mut self, told: Option<Told>) -> Heard {
        match told {
            Some(Told::PeerJoined { peer }) => {
                self.trust.meet(&peer);
                return Heard::Came(peer.client_id);
            }
            Some(Told::PeerLeft { client_id }) => self.trust.gone(&client_id),
            Some(Told::PeerBack {
                client_id,
                identity: Some(identity),
                ..
            }) => {
                self.trust.shows(&client_id, Some(&identity));
            }
            Some(Told::Verify { from, data }) => self.trust.receive(&from, &data),
            Some(Told::Signal {
                from,
                signal_type,
                data,
            }) => {
                if let Some(LinkSignal::Description(description)) = read(signal_type, data) {
                    return Heard::Description {
                        offer: description.kind == Kind::Offer,
                        vouched: self.trust.vouches(&from, &description.sdp),
                        from,
                    };
                }
            }
            _ => {}
        }
        Heard::Other
    }
}
