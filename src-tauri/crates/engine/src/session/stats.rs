//! What `getStats()` gives, under the names of W3C webrtc-stats. What only the page knows is added there.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use landline_protocol::engine_api::{IceConnectionState, PeerConnectionState, TrackKind};
use serde_json::{Map, Value, json};
use str0m::media::Mid;

use super::Session;
use super::link::Link;
use crate::negotiated::NegotiatedMedia;

pub(crate) type Entry = Map<String, Value>;

const TRANSPORT: &str = "T0";
const PAIR: &str = "CP0";

fn entry(value: Value) -> Entry {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn kind(kind: TrackKind) -> &'static str {
    match kind {
        TrackKind::Audio => "audio",
        TrackKind::Video => "video",
    }
}

impl Session {
    /// Objects with `id`, `type`, `timestamp` and members.
    pub(crate) fn stats(&mut self, now: Instant, wall: SystemTime) -> Vec<Entry> {
        let timestamp = wall
            .duration_since(UNIX_EPOCH)
            .map_or(0.0, |since| since.as_secs_f64() * 1_000.0);
        let mut entries = vec![entry(json!({
            "id": "P", "type": "peer-connection",
            "dataChannelsOpened": self.channels.describe().count(),
        }))];
        for channel in self.channels.describe() {
            entries.push(entry(json!({
                "id": format!("D{}", channel.id), "type": "data-channel",
                "label": channel.label, "protocol": channel.protocol, "state": channel.state,
                "messagesSent": channel.counts.messages_sent, "bytesSent": channel.counts.bytes_sent,
                "messagesReceived": channel.counts.messages_received,
                "bytesReceived": channel.counts.bytes_received,
            })));
        }
        if let Some(mut link) = self.link.take() {
            self.transport(&link, &mut entries);
            for media in link.agreed().media.clone() {
                if media.receive {
                    self.inbound(&mut link, &media, &mut entries);
                }
                if media.send {
                    self.outbound(now, &mut link, &media, &mut entries);
                }
            }
            self.link = Some(link);
        }
        for entry in &mut entries {
            entry.insert("timestamp".to_owned(), json!(timestamp));
        }
        entries
    }

    fn transport(&self, link: &Link, entries: &mut Vec<Entry>) {
        let (received, sent) = (&link.received, &link.sent);
        let dtls = match self.states.connection() {
            PeerConnectionState::Connected | PeerConnectionState::Disconnected => "connected",
            PeerConnectionState::Failed => "failed",
            PeerConnectionState::Closed => "closed",
            PeerConnectionState::New | PeerConnectionState::Connecting => "connecting",
        };
        let pair = self
            .media
            .peer
            .as_ref()
            .and_then(|peer| peer.selected_candidate_pair.as_ref());
        let up = matches!(
            self.states.ice(),
            IceConnectionState::Connected
                | IceConnectionState::Completed
                | IceConnectionState::Disconnected
        );
        let mut transport = entry(json!({
            "id": TRANSPORT, "type": "transport", "dtlsState": dtls,
            "iceState": self.states.ice(),
            "bytesSent": sent.bytes, "bytesReceived": received.bytes,
            "packetsSent": sent.packets, "packetsReceived": received.packets,
        }));
        if up {
            transport.insert("selectedCandidatePairId".to_owned(), json!(PAIR));
            let mut entry = entry(json!({
                "id": PAIR, "type": "candidate-pair", "transportId": TRANSPORT,
                "state": "succeeded", "nominated": true,
                "bytesSent": sent.bytes, "bytesReceived": received.bytes,
                "packetsSent": sent.packets, "packetsReceived": received.packets,
                "requestsSent": sent.requests, "requestsReceived": received.requests,
                "responsesSent": sent.responses, "responsesReceived": received.responses,
                "availableOutgoingBitrate": self.estimate,
            }));
            if let Some(pair) = pair {
                let (local, remote) = (pair.local.addr, pair.remote.addr);
                if let Some(time) = pair.current_round_trip_time {
                    entry.insert("currentRoundTripTime".to_owned(), json!(time.as_secs_f64()));
                }
                entry.insert(
                    "totalRoundTripTime".to_owned(),
                    json!(pair.total_round_trip_time.as_secs_f64()),
                );
                entry.insert("localCandidateId".to_owned(), json!("L0"));
                entry.insert("remoteCandidateId".to_owned(), json!("R0"));
                for (id, which, address) in [
                    ("L0", "local-candidate", local),
                    ("R0", "remote-candidate", remote),
                ] {
                    entries.push(self::entry(json!({
                        "id": id, "type": which, "transportId": TRANSPORT,
                        "address": address.ip().to_string(), "port": address.port(),
                        "protocol": "udp", "candidateType": "host",
                    })));
                }
            }
            entries.push(entry);
        }
        entries.push(transport);
    }

    fn inbound(&self, link: &mut Link, media: &NegotiatedMedia, entries: &mut Vec<Entry>) {
        let known = link
            .rtc
            .direct_api()
            .stream_rx_by_mid(Mid::from(media.mid.as_str()), None)
            .map(|stream| (*stream.ssrc(), stream.rtx().map(|rtx| *rtx)));
        let Some((ssrc, rtx)) = known else { return };
        let stream = link.received.stream(ssrc);
        let repair = rtx.map(|rtx| link.received.stream(rtx)).unwrap_or_default();
        let counts = self.media.counts(&media.mid);
        let mut entry = entry(json!({
            "id": format!("I{}", media.mid), "type": "inbound-rtp",
            "mid": media.mid, "kind": kind(media.kind), "ssrc": ssrc, "transportId": TRANSPORT,
            "packetsReceived": stream.packets + repair.packets,
            "bytesReceived": stream.bytes + repair.bytes,
            "headerBytesReceived": stream.header_bytes + repair.header_bytes,
            "retransmittedPacketsReceived": repair.packets,
            "retransmittedBytesReceived": repair.bytes,
            // A repaired packet is none that is lost.
            "packetsLost": stream.lost() - repair.packets.cast_signed().min(stream.lost().max(0)),
        }));
        if media.kind == TrackKind::Video {
            entry.insert("framesReceived".to_owned(), json!(counts.frames_received));
            entry.insert(
                "keyFramesReceived".to_owned(),
                json!(counts.key_frames_received),
            );
            entry.insert("pliCount".to_owned(), json!(counts.plis_sent));
            entry.insert("firCount".to_owned(), json!(0));
        }
        let stats = self.media.ingress_of(&media.mid);
        entry.insert(
            "nackCount".to_owned(),
            json!(stats.map_or(0, |stats| stats.nacks)),
        );
        if let Some(stats) = stats {
            let rate = match media.kind {
                TrackKind::Audio => 48_000.0,
                TrackKind::Video => 90_000.0,
            };
            entry.insert("jitter".to_owned(), json!(f64::from(stats.jitter) / rate));
        }
        entries.push(entry);
    }

    fn outbound(
        &self,
        _now: Instant,
        link: &mut Link,
        media: &NegotiatedMedia,
        entries: &mut Vec<Entry>,
    ) {
        let stream = link.sent.stream(media.local_ssrc);
        let repair = media
            .local_rtx
            .map(|rtx| link.sent.stream(rtx))
            .unwrap_or_default();
        let counts = self.media.counts(&media.mid);
        let stats = self.media.egress_of(&media.mid);
        let (id, remote) = (format!("O{}", media.mid), format!("RI{}", media.mid));
        let mut entry = entry(json!({
            "id": id, "type": "outbound-rtp",
            "mid": media.mid, "kind": kind(media.kind), "ssrc": media.local_ssrc,
            "transportId": TRANSPORT, "active": true,
            "packetsSent": stream.packets + repair.packets,
            "bytesSent": stream.bytes + repair.bytes,
            "headerBytesSent": stream.header_bytes + repair.header_bytes,
            "retransmittedPacketsSent": repair.packets,
            "retransmittedBytesSent": repair.bytes,
            "nackCount": stats.map_or(0, |stats| stats.nacks),
        }));
        if media.kind == TrackKind::Video {
            entry.insert("framesSent".to_owned(), json!(counts.frames_sent));
            entry.insert("keyFramesSent".to_owned(), json!(counts.key_frames_sent));
            let (width, height) = counts.size_sent;
            if height > 0 {
                entry.insert("frameWidth".to_owned(), json!(width));
                entry.insert("frameHeight".to_owned(), json!(height));
            }
            entry.insert("pliCount".to_owned(), json!(counts.plis_received));
            entry.insert("firCount".to_owned(), json!(counts.firs_received));
        }
        if let Some(stats) = stats
            && let Some(told) = &stats.remote
        {
            entry.insert("remoteId".to_owned(), json!(remote));
            let mut report = self::entry(json!({
                "id": remote, "type": "remote-inbound-rtp", "localId": id,
                "mid": media.mid, "kind": kind(media.kind), "ssrc": media.local_ssrc,
                "transportId": TRANSPORT, "packetsLost": told.packets_lost,
                "fractionLost": stats.loss.unwrap_or(0.0), "jitter": told.jitter,
            }));
            if let Some(time) = stats.rtt {
                report.insert("roundTripTime".to_owned(), json!(time.as_secs_f64()));
            }
            entries.push(report);
        }
        entries.push(entry);
    }
}
