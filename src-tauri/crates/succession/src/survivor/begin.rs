//! How a survivor begins: as the founder, as a newcomer, or again after a restart.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::chain::{Claim, FalseHost};
use crate::chat::Log;
use crate::ids::{Founding, MeetingId};
use crate::record::{HeaderBody, Member, Record};
use crate::rulings::Rulings;
use crate::signer::{Signer, Verified};

use super::{Config, Standing, Survivor};

impl Survivor {
    /// The founder of a meeting, its first host. Nothing if the key cannot sign.
    pub fn found(
        config: Config,
        nonce: [u8; 16],
        start: u64,
        signer: Box<dyn Signer>,
        now: Duration,
    ) -> Option<Self> {
        let founding = Founding {
            founder: signer.public(),
            nonce,
            start,
        };
        let mut survivor = Self::new(config, founding.id(), signer, now);
        survivor.rulings.set_hosts(founding.founder, [].into_iter());
        let body = HeaderBody {
            meeting: survivor.meeting,
            epoch: 0,
            version: 0,
            host: founding.founder,
            fingerprint: survivor.fingerprint()?,
            opened: survivor.draw(),
            base: [0; 32],
            previous: [0; 32],
            stand: Vec::new(),
            apps: 0,
            members: [0; 32],
            rulings: survivor.rulings.hash(),
        };
        let record = Record::sign(body, vec![survivor.me.clone()], survivor.signer.as_ref())?;
        let claim = Arc::new(Claim::new(founding, Vec::new(), record));
        survivor.become_host(claim, now);
        Some(survivor)
    }

    /// Somebody who wants to join, and knows the meeting's id alone.
    pub fn join(
        config: Config,
        meeting: MeetingId,
        signer: Box<dyn Signer>,
        now: Duration,
    ) -> Self {
        Self::new(config, meeting, signer, now)
    }

    /// A participant whose app was restarted, with the last claim that it kept ([`Output::Roster`]).
    ///
    /// # Errors
    /// [`FalseHost`]: what was kept is not good.
    pub fn restore(
        config: Config,
        kept: Claim,
        signer: Box<dyn Signer>,
        now: Duration,
    ) -> Result<Self, FalseHost> {
        let mut survivor = Self::new(config, kept.founding().id(), signer, now);
        kept.verify(
            survivor.meeting,
            survivor.signer.as_ref(),
            &mut survivor.verified,
        )?;
        let kept = Arc::new(kept);
        survivor.standing = Standing::Member;
        survivor.set_claim(kept);
        Ok(survivor)
    }

    fn new(config: Config, meeting: MeetingId, signer: Box<dyn Signer>, now: Duration) -> Self {
        let Config {
            client,
            kind,
            entropy,
        } = config;
        let run = entropy
            .iter()
            .take(8)
            .fold(0, |sum, b| sum << 8 | u64::from(*b));
        Self {
            me: Member {
                key: signer.public(),
                client,
                kind,
                joined: 0,
            },
            signer,
            meeting,
            entropy,
            drawn: 0,
            standing: Standing::Outside,
            claim: None,
            ticket: None,
            heard: None,
            heard_at: now,
            candidates: BTreeMap::new(),
            rivals: BTreeMap::new(),
            handovers: VecDeque::new(),
            counts: VecDeque::new(),
            neighbours: BTreeMap::new(),
            verified: Verified::default(),
            log: Log::new(run),
            rulings: Rulings::default(),
            letters: VecDeque::new(),
            knocking: BTreeMap::new(),
            merge: None,
            next_merge: now,
            yielded: None,
            next_enter: now,
            last_hello: now,
            next_hello: now,
            next_beat: now,
            count: 0,
            urgent: true,
            looked: now,
            route: None,
            ready: false,
            outputs: VecDeque::new(),
            #[cfg(test)]
            mutation: None,
        }
    }
}
