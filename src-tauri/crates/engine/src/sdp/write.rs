//! [`Session`] to text, in the order in which browsers write it.

use std::fmt::{self, Display, Formatter};

use landline_protocol::engine_api::Direction;

use super::{Section, SectionKind, Session, Setup};

impl Section {
    /// An empty, live section on the discard port (RFC 8829 §5.2.1).
    pub fn new(kind: SectionKind) -> Self {
        Self {
            kind,
            port: 9,
            protocol: String::new(),
            formats: Vec::new(),
            mid: None,
            direction: Direction::SendRecv,
            bundle_only: false,
            rtcp_mux: false,
            ice: None,
            fingerprint: None,
            setup: None,
            codecs: Vec::new(),
            parameters: Vec::new(),
            feedback: Vec::new(),
            extensions: Vec::new(),
            msids: Vec::new(),
            ssrcs: Vec::new(),
            ssrc_groups: Vec::new(),
            candidates: Vec::new(),
            end_of_candidates: false,
            sctp_port: None,
            max_message_size: None,
        }
    }
}

impl Display for Session {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "v=0\r\no=- {} {} IN IP4 127.0.0.1\r\n",
            self.id, self.version
        )?;
        out.write_str("s=-\r\nt=0 0\r\n")?;
        if !self.bundle.is_empty() {
            write!(out, "a=group:BUNDLE {}\r\n", self.bundle.join(" "))?;
        }
        if self.ice_lite {
            out.write_str("a=ice-lite\r\n")?;
        }
        // Every stream is told by its own `a=msid`; some read those only after this line.
        out.write_str("a=msid-semantic: WMS *\r\n")?;
        self.sections
            .iter()
            .try_for_each(|section| section.fmt(out))
    }
}

impl Display for Section {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let formats = self.formats.join(" ");
        write!(
            out,
            "m={} {} {} {formats}\r\n",
            self.kind, self.port, self.protocol
        )?;
        out.write_str("c=IN IP4 0.0.0.0\r\n")?;
        for candidate in &self.candidates {
            write!(out, "a={candidate}\r\n")?;
        }
        if self.end_of_candidates {
            out.write_str("a=end-of-candidates\r\n")?;
        }
        if let Some(mid) = &self.mid {
            write!(out, "a=mid:{mid}\r\n")?;
        }
        if self.bundle_only {
            out.write_str("a=bundle-only\r\n")?;
        }
        self.write_transport(out)?;
        if self.kind != SectionKind::Application {
            write!(out, "a={}\r\n", direction_name(self.direction))?;
        }
        self.write_rtp(out)?;
        self.write_sources(out)?;
        if let Some(port) = self.sctp_port {
            write!(out, "a=sctp-port:{port}\r\n")?;
        }
        if let Some(size) = self.max_message_size {
            write!(out, "a=max-message-size:{size}\r\n")?;
        }
        Ok(())
    }
}

impl Section {
    fn write_transport(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if let Some(ice) = &self.ice {
            write!(
                out,
                "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n",
                ice.ufrag, ice.pwd
            )?;
            out.write_str("a=ice-options:trickle\r\n")?;
        }
        if let Some(fingerprint) = &self.fingerprint {
            out.write_str("a=fingerprint:sha-256 ")?;
            for (index, byte) in fingerprint.iter().enumerate() {
                let colon = if index == 0 { "" } else { ":" };
                write!(out, "{colon}{byte:02X}")?;
            }
            out.write_str("\r\n")?;
        }
        if let Some(setup) = self.setup {
            write!(out, "a=setup:{}\r\n", setup_name(setup))?;
        }
        Ok(())
    }

    fn write_rtp(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for extension in &self.extensions {
            write!(out, "a=extmap:{}", extension.id)?;
            if extension.direction != Direction::SendRecv {
                write!(out, "/{}", direction_name(extension.direction))?;
            }
            write!(out, " {}\r\n", extension.uri)?;
        }
        if self.rtcp_mux {
            out.write_str("a=rtcp-mux\r\na=rtcp-rsize\r\n")?;
        }
        for codec in &self.codecs {
            write!(
                out,
                "a=rtpmap:{} {}/{}",
                codec.payload_type, codec.name, codec.clock
            )?;
            if codec.channels > 1 {
                write!(out, "/{}", codec.channels)?;
            }
            out.write_str("\r\n")?;
            let payload_type = codec.payload_type;
            for each in &self.feedback {
                if each.payload_type == Some(payload_type) {
                    write!(out, "a=rtcp-fb:{payload_type} {}\r\n", each.value)?;
                }
            }
            for each in &self.parameters {
                if each.payload_type == payload_type {
                    write!(out, "a=fmtp:{payload_type} {}\r\n", each.text)?;
                }
            }
        }
        Ok(())
    }

    fn write_sources(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for msid in &self.msids {
            write!(out, "a=msid:{}", msid.stream)?;
            if let Some(track) = &msid.track {
                write!(out, " {track}")?;
            }
            out.write_str("\r\n")?;
        }
        for group in &self.ssrc_groups {
            write!(out, "a=ssrc-group:{}", group.semantics)?;
            for ssrc in &group.ssrcs {
                write!(out, " {ssrc}")?;
            }
            out.write_str("\r\n")?;
        }
        for source in &self.ssrcs {
            if let Some(cname) = &source.cname {
                write!(out, "a=ssrc:{} cname:{cname}\r\n", source.ssrc)?;
            }
        }
        Ok(())
    }
}

impl Display for SectionKind {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Application => "application",
            Self::Other(name) => name,
        })
    }
}

fn setup_name(setup: Setup) -> &'static str {
    match setup {
        Setup::Active => "active",
        Setup::Passive => "passive",
        Setup::ActPass => "actpass",
        Setup::HoldConn => "holdconn",
    }
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::SendRecv => "sendrecv",
        Direction::SendOnly => "sendonly",
        Direction::RecvOnly => "recvonly",
        Direction::Inactive => "inactive",
    }
}
