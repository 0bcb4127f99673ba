//! How a bot comes in: it proves its key, and is told who is there.

use std::time::Duration;

use landline_protocol::server::Peer;
use tokio::time::timeout;

use super::papers::Passport;
use super::report::BotError;
use super::room::{Gone, Room};
use super::seat::{Seat, Told};

/// How long the room may take to answer the join.
const JOINING: Duration = Duration::from_secs(10);

/// What the room said at the door.
pub(crate) struct Entered {
    pub(crate) client_id: String,
    pub(crate) peers: Vec<Peer>,
    pub(crate) title: String,
}

/// Asks to be let in, and waits until that is so.
pub(crate) async fn enter(
    room: &mut Room,
    seat: &mut Seat,
    passport: &Passport,
    name: &str,
) -> Result<Entered, BotError> {
    let joining = async {
        room.send(Seat::challenge()).await?;
        loop {
            match seat.read(&room.recv().await?) {
                Some(Told::Challenge { nonce }) => {
                    let papers = passport.answer(&nonce).ok_or(BotError::Engine)?;
                    room.send(seat.join(name, papers)).await?;
                }
                Some(Told::Joined {
                    client_id,
                    peers,
                    title,
                }) => {
                    return Ok(Entered {
                        client_id,
                        peers,
                        title,
                    });
                }
                Some(Told::Error { code }) => return Err(BotError::Refused(code)),
                _ => {}
            }
        }
    };
    timeout(JOINING, joining)
        .await
        .unwrap_or_else(|_| Err(Gone::Lost.into()))
}
