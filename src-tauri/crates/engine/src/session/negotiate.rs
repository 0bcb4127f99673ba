//! What the page asks of a connection: through [`crate::jsep`], and what came of it into str0m.

use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use landline_protocol::engine_api::{
    ChannelOptions, Description, EngineError, GatheringState, IceCandidate,
};

use super::candidates::{self, Remote};
use super::link::Link;
use super::{HELD, Held, Question, Session, SessionOutput, closed};
use crate::jsep::{Applied, RemoteCandidate};
use crate::negotiated::{IceCredentials, Negotiated};

impl Session {
    pub(crate) fn set_local(
        &mut self,
        now: Instant,
        description: Option<Description>,
    ) -> Result<(), EngineError> {
        let applied = self.jsep.set_local(description)?;
        self.applied(now, applied);
        Ok(())
    }

    pub(crate) fn set_remote(
        &mut self,
        now: Instant,
        description: Description,
    ) -> Result<(), EngineError> {
        let applied = self.jsep.set_remote(description)?;
        self.applied(now, applied);
        Ok(())
    }

    pub(crate) fn add_candidate(
        &mut self,
        now: Instant,
        candidate: &IceCandidate,
    ) -> Result<(), EngineError> {
        if let Some(remote) = self.jsep.add_candidate(candidate)? {
            self.candidate(remote);
            self.settle(now);
        }
        Ok(())
    }

    fn applied(&mut self, now: Instant, applied: Applied) {
        if applied
            .abandon
            .as_ref()
            .is_some_and(|abandoned| self.gathered_for.as_ref() == Some(abandoned))
        {
            self.gathered_for = None;
            self.gathering = GatheringState::New;
        }
        if let Some(credentials) = applied.gather {
            self.gathered_for = Some(credentials);
            self.gathering = GatheringState::Gathering;
            self.outputs.push_back(SessionOutput::Gather);
        }
        for candidate in applied.candidates {
            self.candidate(candidate);
        }
        if let Some(negotiated) = applied.negotiated {
            self.negotiated(now, negotiated);
        }
        self.settle(now);
    }

    /// Answer to [`SessionOutput::Gather`]: the addresses of this connection's sockets.
    pub(crate) fn gathered(&mut self, now: Instant, sockets: Vec<SocketAddr>) {
        self.sockets = sockets;
        if let Some(link) = &mut self.link {
            link.set_locals(&self.sockets);
            self.stirred = true;
        }
        if let Some(IceCredentials { ufrag, .. }) = self.gathered_for.clone() {
            for (index, socket) in self.sockets.iter().enumerate() {
                let line = candidates::write(*socket, index, &ufrag);
                if let Some(candidate) = self.jsep.add_local_candidate(&ufrag, Some(&line)) {
                    self.outputs
                        .push_back(SessionOutput::Candidate(Some(candidate)));
                }
            }
            self.jsep.add_local_candidate(&ufrag, None);
            self.outputs.push_back(SessionOutput::Candidate(None));
        }
        self.gathering = GatheringState::Complete;
        self.outputs.push_back(SessionOutput::State);
        self.settle(now);
    }

    fn negotiated(&mut self, now: Instant, negotiated: Negotiated) {
        let ufrag = negotiated.remote_ice.ufrag.clone();
        if let Some(link) = &mut self.link {
            if link.apply(negotiated) {
                self.states.start(now);
            }
        } else {
            match Link::new(now, &self.certificate, negotiated, &self.sockets) {
                Ok(link) => {
                    self.link = Some(link);
                    self.states.start(now);
                }
                Err(error) => {
                    tracing::error!(%error, "a connection cannot be set up");
                    self.states.dtls_failed();
                    return;
                }
            }
        }
        self.stirred = true;
        let (now_due, later) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|held: &Held| held.ufrag == ufrag);
        self.held = later;
        let now_due: std::collections::VecDeque<Held> = now_due;
        for held in now_due {
            self.use_candidate(held);
        }
        // What must be drained between packets is so by each of them.
        self.settle(now);
        for (source, destination, bytes) in std::mem::take(&mut self.early) {
            self.handle_packet(now, source, destination, &bytes);
        }
        if let Some(link) = &mut self.link
            && link.agreed().data
        {
            self.channels.open(&mut link.rtc);
            self.stirred = true;
        }
        self.outputs.push_back(SessionOutput::Negotiated);
    }

    fn candidate(&mut self, remote: RemoteCandidate) {
        // str0m goes on looking until it is told otherwise: the end of candidates changes nothing.
        let Some(line) = remote.candidate else { return };
        let held = Held {
            ufrag: remote.ufrag,
            line,
        };
        let agreed = self
            .link
            .as_ref()
            .is_some_and(|link| link.agreed().remote_ice.ufrag == held.ufrag);
        if agreed {
            self.use_candidate(held);
        } else {
            if self.held.len() >= HELD {
                self.held.pop_front();
            }
            self.held.push_back(held);
        }
    }

    fn use_candidate(&mut self, held: Held) {
        match candidates::read(&held.line) {
            Remote::Usable(candidate) => {
                if let Some(link) = &mut self.link {
                    link.add_remote(candidate);
                    self.stirred = true;
                }
            }
            Remote::Named(named) => {
                if self.questions.len() >= HELD {
                    self.questions.pop_front();
                }
                self.asked += 1;
                self.outputs.push_back(SessionOutput::Resolve {
                    question: self.asked,
                    name: named.name.clone(),
                });
                self.questions.push_back(Question {
                    number: self.asked,
                    ufrag: held.ufrag,
                    named,
                });
            }
            Remote::Unusable => {}
        }
    }

    pub(crate) fn create_channel(
        &mut self,
        now: Instant,
        channel: u32,
        label: String,
        options: ChannelOptions,
    ) -> Result<(), EngineError> {
        if self.closed {
            return Err(closed());
        }
        self.jsep.add_data_section()?;
        self.channels.create(channel, label, options)?;
        if let Some(link) = &mut self.link
            && link.agreed().data
        {
            self.channels.open(&mut link.rtc);
            self.stirred = true;
        }
        self.settle(now);
        Ok(())
    }

    pub(crate) fn close_channel(&mut self, now: Instant, channel: u32) {
        let outputs = &mut self.outputs;
        self.channels
            .close(channel, |event| outputs.push_back(event.into()));
        self.stirred = true;
        self.settle(now);
    }

    pub(crate) fn send_message(
        &mut self,
        now: Instant,
        channel: u32,
        binary: bool,
        payload: Bytes,
    ) -> Result<(), EngineError> {
        let limit = self.max_message_size().unwrap_or(0);
        self.channels.send(channel, binary, payload, limit)?;
        self.stirred = true;
        self.settle(now);
        Ok(())
    }
}
